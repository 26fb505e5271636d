# Rscript make.R: Huber M-estimates by MASS::rlm on simulated values with outliers; y.tsv has one voxel per column.
library(MASS)
set.seed(7)
n <- 17
age <- round(rnorm(n), 3)
y <- matrix(round(rnorm(n * 12), 4), n)
y[3, ] <- y[3, ] + 8
y[5, 6:12] <- y[5, 6:12] - 20
y[, 4] <- y[, 4] + 2 * age
design <- cbind(intercept = 1, age = age)
rows <- data.frame()
for (v in 1:12) {
  # by default rlm gives up after 20 steps and stops at 1e-4
  fit <- rlm(design, y[, v], maxit = 2000, acc = 1e-13)
  s <- summary(fit)$coefficients
  rows <- rbind(rows, data.frame(b0 = s[1, 1], se0 = s[1, 2], t0 = s[1, 3], b1 = s[2, 1], se1 = s[2, 2], t1 = s[2, 3],
                                 scale = fit$s, least_weight = min(fit$w)))
}
write.table(y, "y.tsv", sep = "\t", quote = FALSE, row.names = FALSE, col.names = paste0("v", 1:12))
write.table(design, "design.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(format(rows, digits = 15), "rlm.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
