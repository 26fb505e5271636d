# Power available without simulation. Run: Rscript power.R > figures.tsv
row <- function(test, n, size, power) cat(test, n, size, sprintf("%.10f", power), sep = "\t", fill = TRUE)
cat("test\tn\tsize\tpower\n")

# A mean against 0, two-sided at .05; `strict` counts the wrong direction as well.
for (n in c(20, 40, 80)) for (d in c(0.3, 0.5, 0.8))
  row("mean", n, d, power.t.test(n = n, delta = d, sd = 1, type = "one.sample", strict = TRUE)$power)

# A slope on a random normal score, significant in its own direction: given the scores, t is
# noncentral with rho / sqrt(1 - rho^2) * sqrt(sum of squares of the scores), and these are
# chi-square with n - 1 degrees of freedom.
slope <- function(n, rho) {
  critical <- qt(0.975, n - 2)
  given <- function(s) pt(critical, n - 2, rho / sqrt(1 - rho^2) * sqrt(s), lower.tail = FALSE)
  integrate(function(s) given(s) * dchisq(s, n - 1), 0, Inf, rel.tol = 1e-9)$value
}
for (n in c(20, 40, 80)) for (rho in c(0.2, 0.4, 0.6)) row("slope", n, rho, slope(n, rho))
