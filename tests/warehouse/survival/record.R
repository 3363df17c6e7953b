# Records what R's survival says of subjects.csv: Rscript record.R
# Columns of subjects.csv: sample, entry, exit, cause (0 censored, 1 of interest, 2 competing).
library(survival)
subjects <- read.csv("subjects.csv")
rows <- list()
for (name in unique(subjects$sample)) {
  s <- subjects[subjects$sample == name, ]
  late <- any(s$entry >= 0)
  any_end <- as.integer(s$cause > 0)
  cause <- factor(s$cause, 0:2, c("censored", "interest", "other"))
  km <- if (late) survfit(Surv(s$entry, s$exit, any_end) ~ 1, conf.type = "log-log")
        else survfit(Surv(s$exit, any_end) ~ 1, conf.type = "log-log")
  s$id <- seq_len(nrow(s))
  aj <- if (late) survfit(Surv(entry, exit, factor(cause, 0:2)) ~ 1, data = s, id = id, conf.type = "log-log")
        else survfit(Surv(exit, factor(cause, 0:2)) ~ 1, data = s, conf.type = "log-log")
  at <- summary(aj, times = km$time, extend = TRUE)
  rows[[name]] <- data.frame(
    sample = name, time = km$time, at_risk = km$n.risk, ends = km$n.event,
    survival = km$surv, survival_error = km$std.err, survival_low = km$lower,
    survival_high = km$upper, incidence = at$pstate[, 2], incidence_error = at$std.err[, 2],
    incidence_low = at$lower[, 2], incidence_high = at$upper[, 2]
  )
}
options(digits = 17)
write.csv(do.call(rbind, rows), "recorded.csv", row.names = FALSE, quote = FALSE)
