# Rscript make.R: Bayes factors by the R package BayesFactor (Debian: r-cran-bayesfactor), ln BF10 with 15 digits.
library(BayesFactor)
rows <- data.frame()
for (r in c(sqrt(2) / 2, 1, 0.2))
  # From about t = 12 on BayesFactor reports "t is large; approximation invoked": see large.py.
  for (t in c(0, 0.5, -1.3, 2, 3.7, 6)) {
    for (n in c(2, 5, 16, 44, 300, 5000))
      rows <- rbind(rows, data.frame(t = t, n1 = n, n2 = 0, scale = r, log_bf = ttest.tstat(t, n1 = n, rscale = r)$bf))
    for (n in list(c(2, 3), c(12, 20), c(150, 60)))
      rows <- rbind(rows, data.frame(t = t, n1 = n[1], n2 = n[2], scale = r,
                                     log_bf = ttest.tstat(t, n1 = n[1], n2 = n[2], rscale = r)$bf))
  }
write.table(format(rows, digits = 15), "t.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

rows <- data.frame()
for (r in c(sqrt(2) / 4, sqrt(2) / 2))
  for (r2 in c(0, 0.05, 0.3, 0.9))
    for (n in c(12, 44, 400))
      for (p in c(1, 2, 5))
        rows <- rbind(rows, data.frame(r_squared = r2, n = n, n_slopes = p, scale = r,
                                       log_bf = linearReg.R2stat(n, p, r2, rscale = r)$bf))
write.table(format(rows, digits = 15), "regression.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("BayesFactor", packageVersion("BayesFactor"))), "versions.txt")
