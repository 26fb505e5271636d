# R's results for individual differences: Rscript make.R in this folder writes data.tsv and figures.tsv.
library(MASS)
set.seed(20261128)
n <- 36
anxiety <- round(50 + 10 * rnorm(n), 1)
depression <- round(50 + 6 * scale(anxiety)[, 1] + 8 * rnorm(n), 1)
age <- sample(18:35, n, TRUE)
z <- function(x) (x - mean(x)) / sd(x)
common <- rnorm(n)
A_x <- round(1 + 0.1 * z(anxiety) + common + rnorm(n), 4)
A_y <- round(0.6 - 0.6 * z(anxiety) + 0.5 * common + 0.7 * rnorm(n), 4)
B_x <- round(0.4 - 0.3 * z(depression) + 0.3 * common + rnorm(n), 4)
B_y <- round(2 * rnorm(n), 4)
A_y[5] <- 7.25 # an outlier
B_x[c(3, 9)] <- B_x[12] # ties
data <- data.frame(A_x, A_y, B_x, B_y, anxiety, depression, age)
write.table(data, "data.tsv", sep = "\t", row.names = FALSE, quote = FALSE)
out <- NULL
put <- function(test, column, what, value)
  out <<- rbind(out, data.frame(test, column, what, value = sprintf("%.15g", value)))
put_lm <- function(test, column, fit, term) {
  s <- summary(fit)$coefficients[term, ]
  ci <- confint(fit)[term, ]
  for (i in 1:4) put(test, column, c("slope", "se", "t", "p")[i], s[i])
  put(test, column, "lower", ci[1]); put(test, column, "upper", ci[2])
}
for (column in c("A_x", "A_y", "B_x", "B_y")) {
  y <- data[[column]]
  put_lm("anxiety", column, lm(y ~ anxiety, data), "anxiety")
  put_lm("anxiety+age", column, lm(y ~ age + anxiety, data), "anxiety")
  put_lm("anxiety+depression", column, lm(y ~ depression + anxiety, data), "anxiety")
  put("anxiety", column, "standardised", coef(lm(z(y) ~ z(anxiety)))[2])
  p <- cor.test(anxiety, y)
  put("pearson", column, "r", p$estimate); put("pearson", column, "p", p$p.value)
  put("pearson", column, "lower", p$conf.int[1]); put("pearson", column, "upper", p$conf.int[2])
  s <- cor.test(anxiety, y, method = "spearman", exact = FALSE)
  put("spearman", column, "r", s$estimate); put("spearman", column, "p", s$p.value)
  half <- qnorm(.975) * sqrt((1 + s$estimate^2 / 2) / (n - 3))
  put("spearman", column, "lower", tanh(atanh(s$estimate) - half))
  put("spearman", column, "upper", tanh(atanh(s$estimate) + half))
  # Partial correlations by definition: of residuals, and of residuals of ranks.
  put("pearson|age", column, "r", cor(resid(lm(y ~ age)), resid(lm(anxiety ~ age))))
  put("spearman|age", column, "r",
      cor(resid(lm(rank(y) ~ rank(age))), resid(lm(rank(anxiety) ~ rank(age)))))
  h <- rlm(y ~ anxiety, data, maxit = 1000, acc = 1e-14)
  h <- summary(h)$coefficients["anxiety", ]
  for (i in 1:3) put("huber", column, c("slope", "se", "t")[i], h[i])
  # Leave-one-out by refitting.
  predicted <- base <- numeric(n)
  for (i in 1:n) {
    d <- cbind(data, value = y)
    predicted[i] <- predict(lm(value ~ age + anxiety, d[-i, ]), d[i, ])
    base[i] <- predict(lm(value ~ age, d[-i, ]), d[i, ])
  }
  put("left_out|age", column, "r", cor(predicted, y))
  put("left_out|age", column, "q2", 1 - sum((y - predicted)^2) / sum((y - base)^2))
}
# Slopes of two signals on one score: in long format, the interaction of signal and score with participant
# as an error stratum is the regression of the within-participant difference.
long <- data.frame(id = factor(rep(1:n, 2)), signal = rep(c("x", "y"), each = n),
                   value = c(A_x, A_y), score = rep(z(anxiety), 2))
stratum <- summary(aov(value ~ signal * score + Error(id / signal), long))[["Error: id:signal"]][[1]]
put("signals", "A", "F", stratum["signal:score", "F value"])
put("signals", "A", "p", stratum["signal:score", "Pr(>F)"])
difference <- A_x - A_y
put_lm("signals", "A", lm(difference ~ z(anxiety)), "z(anxiety)")
difference <- A_x - B_x
put_lm("regions", "x", lm(difference ~ z(anxiety)), "z(anxiety)")
# Region x signal x score: the difference of differences on the score.
difference <- with(data, (A_x - A_y) - (B_x - B_y))
put_lm("interaction", "x", lm(difference ~ z(anxiety)), "z(anxiety)")
# Slopes on two scores: HC3 covariance of both estimators, from stacked influences.
influence_of <- function(y, s) {
  fit <- lm(y ~ z(s)); X <- model.matrix(fit)
  (solve(crossprod(X)) %*% t(X * (resid(fit) / (1 - hatvalues(fit)))))[2, ]
}
d <- coef(lm(A_y ~ z(anxiety)))[2] - coef(lm(A_x ~ z(depression)))[2]
put("scores", "A_y,A_x", "difference", d)
put("scores", "A_y,A_x", "se", sqrt(sum((influence_of(A_y, anxiety) - influence_of(A_x, depression))^2)))
write.table(out, "figures.tsv", sep = "\t", row.names = FALSE, quote = FALSE)
