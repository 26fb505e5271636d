# Results of lme4 and aov for three small synthetic data sets. Rscript make.R, in this folder.
library(lme4)
options(digits = 15)
write_table <- function(x, file) write.table(x, file, sep = "\t", row.names = FALSE, quote = FALSE)

# Stay/switch choices: rank centred (+ is better), outcome +-1/2.
stay_data <- function(seed, n_people, n_trials, sd) {
  set.seed(seed)
  id <- rep(seq_len(n_people), each = n_trials)
  rank <- round(4.5 - (sample(8, n_people * n_trials, replace = TRUE)), 1)
  outcome <- ifelse(runif(length(id)) < plogis(0.5 * rank), 0.5, -0.5)
  u <- matrix(rnorm(3 * n_people), n_people) %*% diag(sd)
  u[, 2] <- u[, 2] - 0.3 * u[, 1] * sd[2] / sd[1]
  eta <- (0.4 + u[id, 1]) + (0.21 + u[id, 2]) * rank + (0.22 + u[id, 3]) * outcome
  data.frame(id, rank, outcome, stay = as.integer(runif(length(id)) < plogis(eta)))
}

fit_stay <- function(name, d) {
  fit <- glmer(stay ~ rank + outcome + (1 + rank + outcome | id), d, binomial,
               control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12,
                                      optCtrl = list(maxfun = 2e5, rhoend = 1e-9)))
  write_table(d, paste0(name, "_data.tsv"))
  s <- summary(fit)$coefficients
  write_table(data.frame(term = rownames(s), estimate = s[, 1], standard_error = s[, 2], z = s[, 3], p = s[, 4]),
              paste0(name, "_effects.tsv"))
  v <- as.matrix(VarCorr(fit)$id)
  write_table(as.data.frame(v[1:3, 1:3]), paste0(name, "_covariance.tsv"))
  write_table(data.frame(log_likelihood = as.numeric(logLik(fit)), singular = as.integer(isSingular(fit))),
              paste0(name, "_fit.tsv"))
  # Each participant's deviations, and their standard errors given effects and covariance.
  r <- ranef(fit, condVar = TRUE)$id
  v <- attr(r, "postVar")
  errors <- t(sapply(seq_len(nrow(r)), function(i) sqrt(diag(v[, , i]))))
  write_table(cbind(r, errors), paste0(name, "_deviations.tsv"))
  print(summary(fit))
}

fit_stay("stay", stay_data(1, 30, 60, c(0.8, 0.3, 0.6)))
fit_stay("singular", stay_data(4, 12, 25, c(0.5, 0.02, 0.02)))

# Being-liked ratings, 2 x 2 within participants.
set.seed(3)
n <- 20
d <- expand.grid(outcome = 0:1, rank = 0:1, id = seq_len(n))
person <- matrix(rnorm(4 * n, sd = 0.8), n)
d$rating <- round(3 + person[d$id, 1] + (0.7 + person[d$id, 2]) * d$rank + (0.5 + person[d$id, 3]) * d$outcome +
                  0.2 * d$rank * d$outcome + rnorm(nrow(d), sd = 0.5), 3)
write_table(d[, c("id", "rank", "outcome", "rating")], "ratings_data.tsv")
d$rank <- factor(d$rank); d$outcome <- factor(d$outcome); d$id <- factor(d$id)
a <- summary(aov(rating ~ rank * outcome + Error(id / (rank * outcome)), d))
rows <- lapply(c("rank", "outcome", "rank:outcome"), function(e) {
  t <- a[[paste0("Error: id:", e)]][[1]]
  data.frame(effect = sub(":", "_", e), f = t[1, "F value"], dof1 = t[1, "Df"], dof2 = t[2, "Df"], p = t[1, "Pr(>F)"],
             partial_eta_squared = t[1, "Sum Sq"] / sum(t[, "Sum Sq"]))
})
write_table(do.call(rbind, rows), "ratings_anova.tsv")
cat(R.version.string, "lme4", as.character(packageVersion("lme4")), "\n")
