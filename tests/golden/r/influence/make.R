# Rscript make.R: leverage, Cook's distance, studentised residuals and t without each person, by lm and its refits.
set.seed(18)
n <- 14
age <- round(rnorm(n), 3)
group <- rep(0:1, length.out = n)
y <- matrix(round(rnorm(n * 3), 4), n)
y[, 2] <- y[, 2] + age
y[5, ] <- y[5, ] + c(6, 0, -4)
rows <- data.frame()
for (v in 1:3) {
  fit <- lm(y[, v] ~ age + group)
  refit <- sapply(1:n, function(i) summary(lm(y[-i, v] ~ age[-i] + group[-i]))$coefficients[2, 3])
  rows <- rbind(rows, data.frame(voxel = v, person = 1:n, hat = hatvalues(fit), cook = cooks.distance(fit),
                                 rstudent = rstudent(fit), t = summary(fit)$coefficients[2, 3], t_without = refit))
}
write.table(data.frame(age, group, y), "data.tsv", sep = "\t", quote = FALSE, row.names = FALSE,
            col.names = c("age", "group", "y1", "y2", "y3"))
write.table(format(rows, digits = 15, trim = TRUE), "figures.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
