# Rscript make.R: adjusted p-values (p.adjust) and noncentralities (pt with uniroot) from R itself.
p <- c(0.0002, 0.0412, 0.011, 0.011, 0.5, 0.93, 0.0009, 0.03, 0.2, 1, 0.0, 0.049)
adjusted <- data.frame(p = p)
for (m in c("bonferroni", "holm", "BH", "BY")) adjusted[[m]] <- p.adjust(p, m)
write.table(format(adjusted, digits = 16), "adjusted_p.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

rows <- data.frame()
for (dof in c(1, 4, 11, 43, 300))
  for (t in c(-3, 0, 0.7, 2, 5, 12, 20))
    for (probability in c(0.975, 0.95, 0.5, 0.05, 0.025)) {
      # R's own pt is accurate only for noncentralities up to 37.62.
      f <- function(d) suppressWarnings(pt(t, dof, ncp = d)) - probability
      if (f(-36) < 0 || f(36) > 0) next
      rows <- rbind(rows, data.frame(t = t, dof = dof, probability = probability,
                                     noncentrality = uniroot(f, c(-36, 36), tol = 1e-13, maxiter = 10000)$root))
    }
write.table(format(rows, digits = 15), "noncentrality.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
