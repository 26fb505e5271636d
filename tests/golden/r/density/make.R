# Rscript make.R: kernel densities by density(), and the sum that it approximates.
set.seed(18)
samples <- list(normal = round(rnorm(40), 4), skewed = round(rexp(23), 4), tied = c(0, 0, 0, 0, 1, 1, 2.5))
data <- rows <- data.frame()
for (name in names(samples)) {
  x <- samples[[name]]
  bw <- bw.nrd0(x)
  d <- density(x, bw = bw, n = 512)
  for (at in quantile(d$x, c(.1, .3, .5, .7, .9), names = FALSE))
    rows <- rbind(rows, data.frame(sample = name, bandwidth = bw, at = at, sum = mean(dnorm(at, x, bw)),
                                   density = approx(d$x, d$y, at)$y))
  data <- rbind(data, data.frame(sample = name, x = x))
}
write.table(data, "data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(format(rows, digits = 15, trim = TRUE), "figures.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
