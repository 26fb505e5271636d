// A race, to see that the thread sanitizer finds one: threads add to a sum that nothing guards.
#include <cstdio>

int main() {
  long sum = 0;
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 100000; ++i) sum += i;
  std::printf("%ld\n", sum);
}
