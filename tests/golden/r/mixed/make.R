# Reference fits of mixed models: Rscript make.R, in this folder.
suppressMessages({library(lme4); library(lmerTest); library(nlme, exclude = c("lmList", "VarCorr"))})
number <- function(x) trimws(formatC(x, digits = 12, format = "g"))
control <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE,
                       optCtrl = list(rhobeg = 0.2, rhoend = 1e-9, maxfun = 1e5),
                       check.conv.singular = "ignore")
# tolPwrss: the default of 1e-7 stops short of the modes, 3e-4 away from the optimum in effects.
glmer_control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13,
                             optCtrl = list(rhobeg = 0.02, rhoend = 2e-9, maxfun = 1e5))
write_table <- function(x, file) write.table(x, file, sep = "\t", quote = FALSE, row.names = FALSE)

# Tables. Those of lme4 as they are; `trials` is simulated.
write_table(sleepstudy, "sleepstudy.tsv")
write_table(Penicillin, "penicillin.tsv")
write_table(Dyestuff, "dyestuff.tsv")
write_table(Dyestuff2, "dyestuff2.tsv")
write_table(cbpp, "cbpp.tsv")
set.seed(20261129)
people <- 24; trials <- 30
d <- expand.grid(trial = 1:trials, run = 1:2, participant = sprintf("p%02d", 1:people))
d$condition <- sample(c("social", "solo", "mixed"), nrow(d), TRUE)
d$update <- round(rnorm(nrow(d)), 3)
d$value <- round(10 + 4 * rnorm(nrow(d)), 3)
person <- matrix(rnorm(people * 2), people) %*% chol(matrix(c(1, 0.3, 0.3, 0.4), 2))
of <- as.integer(factor(d$participant))
run <- rnorm(people * 2, 0, 0.4)[2 * (of - 1) + d$run]
d$beta <- round(0.3 + person[of, 1] + run + (0.25 + person[of, 2]) * d$update +
                  0.2 * (d$condition == "social") + 0.04 * d$value + rnorm(nrow(d)), 4)
d$choice <- rbinom(nrow(d), 1, plogis(-0.5 + 0.8 * person[of, 1] + (0.5 + person[of, 2]) * d$update + 0.05 * d$value))
write_table(d[, c("participant", "run", "trial", "condition", "update", "value", "beta", "choice")], "trials.tsv")
d <- read.delim("trials.tsv")
d$runs <- factor(d$run)

cbpp1 <- cbpp[rep(seq_len(nrow(cbpp)), cbpp$size), ]
cbpp1$ill <- unlist(mapply(function(a, n) rep(c(1, 0), c(a, n - a)), cbpp$incidence, cbpp$size))

effects <- list(); variances <- list(); figures <- list(); modes <- list(); tests <- list()
keep <- function(name, model, linear, rows = NULL) {
  s <- coef(summary(model))
  effects[[length(effects) + 1]] <<- data.frame(
    model = name, term = rownames(s), estimate = number(s[, "Estimate"]), se = number(s[, "Std. Error"]),
    dof = if (linear) number(s[, "df"]) else "n/a", statistic = number(s[, if (linear) "t value" else "z value"]),
    p = number(s[, if (linear) "Pr(>|t|)" else "Pr(>|z|)"]))
  v <- as.data.frame(VarCorr(model))
  variances[[length(variances) + 1]] <<- data.frame(
    model = name, group = v$grp, first = ifelse(is.na(v$var1), "n/a", v$var1),
    second = ifelse(is.na(v$var2), "n/a", v$var2), value = number(v$sdcor))
  figures[[length(figures) + 1]] <<- data.frame(
    model = name, log_likelihood = number(logLik(model)), n = nobs(model), singular = isSingular(model))
  r <- as.data.frame(ranef(model, condVar = TRUE))
  if (!is.null(rows)) r <- r[rows, ]
  modes[[length(modes) + 1]] <<- data.frame(model = name, group = r$grpvar, term = r$term, level = r$grp,
                                           mode = number(r$condval), se = number(r$condsd))
}
joint <- function(name, model) {
  a <- anova(model, type = 3)
  tests[[length(tests) + 1]] <<- data.frame(model = name, term = rownames(a), f = number(a[["F value"]]),
    dof1 = a[["NumDF"]], dof2 = number(a[["DenDF"]]), p = number(a[["Pr(>F)"]]))
}
lmer_ <- function(f, data, REML = TRUE, ...) lmerTest::lmer(f, data, REML = REML, control = control, ...)
keep("sleep_reml", lmer_(Reaction ~ Days + (1 + Days | Subject), sleepstudy), TRUE)
keep("sleep_ml", lmer_(Reaction ~ Days + (1 + Days | Subject), sleepstudy, FALSE), TRUE, 1:5)
keep("sleep_uncorrelated", lmer_(Reaction ~ Days + (Days || Subject), sleepstudy), TRUE, 1:5)
keep("penicillin", lmer_(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin), TRUE)
keep("dyestuff", lmer_(Yield ~ 1 + (1 | Batch), Dyestuff), TRUE)
keep("dyestuff2", lmer_(Yield ~ 1 + (1 | Batch), Dyestuff2), TRUE)
m <- lmer_(beta ~ update * condition + value + (1 + update | participant), d)
keep("trials_slopes", m, TRUE, 1:5)
s <- lmer_(beta ~ update * condition + value + (1 + update | participant), d,
           contrasts = list(condition = contr.sum))
keep("trials_sum", s, TRUE, 1:5)
joint("trials_sum", s)
keep("trials_nested", lmer_(beta ~ update + value + (1 + update || participant) + (1 | participant:runs), d), TRUE, 1:5)
keep("trials_factor_slopes", lmer_(beta ~ update + condition + (condition | participant), d), TRUE, 1:5)
glmer_ <- function(f, data) glmer(f, data, family = binomial, control = glmer_control)
keep("cbpp", glmer_(ill ~ period + (1 | herd), cbpp1), FALSE)
keep("choice_slopes", glmer_(choice ~ update + value + (1 + update | participant), d), FALSE, 1:5)
keep("choice_crossed", glmer_(choice ~ update + (1 | participant) + (1 | condition), d), FALSE, 1:5)
keep("choice_uncorrelated", glmer_(choice ~ update + condition + (update || participant), d), FALSE, 1:5)

# Mediation within participants: least squares of each.
paths <- do.call(rbind, lapply(split(d, d$participant), function(p) {
  a <- coef(lm(value ~ update, p))[["update"]]
  y <- coef(lm(beta ~ value + update, p))
  data.frame(participant = p$participant[1], a = number(a), b = number(y[["value"]]),
             direct = number(y[["update"]]), total = number(coef(lm(beta ~ update, p))[["update"]]))
}))
write_table(paths, "mediation.tsv")

# nlme: another program's optimum of the same likelihood, unrestricted and restricted.
nlme_figures <- function(model, method) {
  n <- lme(Reaction ~ Days, sleepstudy, random = ~ Days | Subject, method = method,
           control = lmeControl(msTol = 1e-12, tolerance = 1e-10))
  v <- VarCorr(n)
  data.frame(model = model, what = c("log_likelihood", "sd_intercept", "sd_days", "sd_residual", rep("effect", 2)),
             value = number(c(logLik(n), as.numeric(v[, "StdDev"]), fixef(n))))
}
figures_nlme <- rbind(nlme_figures("sleep_ml", "ML"), nlme_figures("sleep_reml", "REML"))
write_table(figures_nlme, "nlme.tsv")
for (x in c("effects", "variances", "figures", "modes", "tests")) write_table(do.call(rbind, get(x)), paste0(x, ".tsv"))
cat(R.version.string, as.character(packageVersion("lme4")), as.character(packageVersion("lmerTest")), as.character(packageVersion("nlme")), "\n")
