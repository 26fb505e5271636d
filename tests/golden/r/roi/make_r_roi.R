# R's results for the tests on region values and the dissociation.
# Run in this folder: Rscript make_r_roi.R
suppressMessages({library(BayesFactor); library(boot)})
set.seed(20261125)
n <- 24; regions <- c("A", "B", "C"); signals <- c("x", "y")
anxiety <- round(rnorm(n, 30, 8), 3); depression <- round(0.5 * anxiety + rnorm(n, 0, 5), 3)
group <- rep(c("patient", "control"), c(11, 13))
cells <- NULL
subject <- rnorm(n)
for (r in regions) for (s in signals)
  cells <- cbind(cells, round(subject + rnorm(n, c(Ax = 1, Ay = 0, Bx = 0, By = .8, Cx = .3, Cy = .4)[paste0(r, s)],
                                              c(A = 1, B = 1.4, C = .8)[r]) +
                        0.03 * (anxiety - 30) * (r == "A"), 6))
colnames(cells) <- as.vector(outer(signals, regions, function(s, r) paste0(r, "_", s)))
write.table(data.frame(participant = sprintf("sub-%02d", 1:n), group, anxiety, depression, cells, check.names = FALSE),
            "data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
out <- NULL
add <- function(test, column, what, value)
  out <<- rbind(out, data.frame(test, column, what, value = sprintf("%.15g", value)))
t_rows <- function(test, column, t, estimate) {
  add(test, column, "t", t$statistic); add(test, column, "dof", t$parameter); add(test, column, "p", t$p.value)
  add(test, column, "lower", t$conf.int[1]); add(test, column, "upper", t$conf.int[2])
  add(test, column, "estimate", estimate)
}
bf <- function(b) b@bayesFactor$bf
with_missing <- cells; with_missing[cbind(c(3, 7, 20), c(1, 1, 4))] <- NA
for (c in colnames(cells)) {
  y <- cells[, c]
  t <- t.test(y); t_rows("one", c, t, t$estimate); add("one", c, "log_bf10", bf(ttestBF(y)))
  add("one", c, "log_bf10_wide", bf(ttestBF(y, rscale = 1)))
  t <- t.test(y, mu = .25, alternative = "greater", conf.level = .9); t_rows("greater", c, t, t$estimate)
  t <- t.test(y, mu = .25, alternative = "less"); t_rows("less", c, t, t$estimate)
  a <- y[group == "patient"]; b <- y[group == "control"]
  t <- t.test(a, b); t_rows("welch", c, t, mean(a) - mean(b))
  t <- t.test(a, b, var.equal = TRUE); t_rows("pooled", c, t, mean(a) - mean(b))
  add("pooled", c, "log_bf10", bf(ttestBF(a, b)))
  t <- t.test(with_missing[, c]); t_rows("missing", c, t, t$estimate)
  m <- summary(lm(y ~ anxiety + depression)); ci <- confint(lm(y ~ anxiety + depression))
  for (k in c("anxiety", "depression")) {
    add(k, c, "estimate", m$coefficients[k, 1]); add(k, c, "standard_error", m$coefficients[k, 2])
    add(k, c, "t", m$coefficients[k, 3]); add(k, c, "p", m$coefficients[k, 4]); add(k, c, "dof", m$df[2])
    add(k, c, "lower", ci[k, 1]); add(k, c, "upper", ci[k, 2])
    d <- data.frame(y, anxiety, depression)
    full <- lmBF(y ~ anxiety + depression, d); other <- lmBF(as.formula(paste("y ~", setdiff(c("anxiety", "depression"), k))), d)
    add(k, c, "log_bf10", bf(full) - bf(other))
  }
}
t <- t.test(cells[, "A_x"], cells[, "A_y"], paired = TRUE); t_rows("paired", "A_x-A_y", t, t$estimate)
add("paired", "A_x-A_y", "log_bf10", bf(ttestBF(cells[, "A_x"], cells[, "A_y"], paired = TRUE)))
p <- sapply(colnames(cells), function(c) t.test(cells[, c])$p.value)
for (c in names(p)) {
  add("one", c, "p_holm", p.adjust(p, "holm")[c]); add("one", c, "p_fdr", p.adjust(p, "BH")[c])
}
anova_rows <- function(test, use) {
  long <- data.frame(y = as.vector(cells[, use]), id = factor(rep(1:n, length(use))),
                     region = factor(rep(substr(use, 1, 1), each = n)), signal = factor(rep(substr(use, 3, 3), each = n)))
  s <- summary(aov(y ~ region * signal + Error(id / (region * signal)), long))
  for (e in c("region", "signal", "region:signal")) {
    table <- s[[paste0("Error: id:", e)]][[1]]
    add(test, e, "f", table[1, "F value"]); add(test, e, "dof", table[1, "Df"]); add(test, e, "error_dof", table[2, "Df"])
    add(test, e, "p", table[1, "Pr(>F)"])
    add(test, e, "partial_eta2", table[1, "Sum Sq"] / (table[1, "Sum Sq"] + table[2, "Sum Sq"]))
  }
  # Greenhouse-Geisser by R's multivariate route
  inside <- data.frame(region = factor(substr(use, 1, 1)), signal = factor(substr(use, 3, 3)))
  model <- lm(cells[, use] ~ 1)
  spherical <- function(M, X) anova(model, M = M, X = X, idata = inside, test = "Spherical")
  parts <- list(region = spherical(~ region, ~ 1), signal = spherical(~ signal, ~ 1),
                `region:signal` = spherical(~ region * signal, ~ region + signal))
  for (e in names(parts)) {
    add(test, e, "p_greenhouse_geisser", parts[[e]][1, "G-G Pr"])
    add(test, e, "greenhouse_geisser", as.numeric(sub(".*epsilon: *", "", grep("Greenhouse", attr(parts[[e]], "heading"), value = TRUE))))
  }
}
anova_rows("anova2", c("A_x", "A_y", "B_x", "B_y")); anova_rows("anova3", colnames(cells))
d <- (cells[, "A_x"] - cells[, "A_y"]) - (cells[, "B_x"] - cells[, "B_y"])
b <- boot(d, function(x, i) mean(x[i]), R = 1999)
write.table(data.frame(replicate = sprintf("%.17g", b$t[, 1])), "bootstrap.tsv", quote = FALSE, row.names = FALSE)
for (level in c(.9, .95)) {
  ci <- boot.ci(b, conf = level, type = c("perc", "bca"))
  add("percentile", level, "lower", ci$percent[4]); add("percentile", level, "upper", ci$percent[5])
  add("bca", level, "lower", ci$bca[4]); add("bca", level, "upper", ci$bca[5])
}
write.table(out, "figures.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
cat(R.version.string, "BayesFactor", as.character(packageVersion("BayesFactor")), "boot", as.character(packageVersion("boot")), "\n")
