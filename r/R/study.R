# The books of `sociometer run`: OUT/logs/sociometer, see docs/reference/run.md.

by_id <- function(folder) {
  paths <- sort(list.files(folder, "\\.json$", full.names = TRUE), method = "radix")
  files <- lapply(paths, read_json)
  names(files) <- sub("\\.json$", "", basename(paths))
  files
}

messages_by_id <- function(folder) {
  paths <- sort(list.files(folder, "\\.log$", full.names = TRUE), method = "radix")
  lines <- lapply(paths, readLines, warn = FALSE, encoding = "UTF-8")
  names(lines) <- sub("\\.log$", "", basename(paths))
  lines
}

table_of_jobs <- function(jobs, results) {
  of_job <- function(name) vapply(jobs, function(job) job[[name]], "")
  of_result <- function(name, missing) {
    value <- function(id) if (is.null(results[[id]])) missing else results[[id]][[name]]
    found <- vapply(names(jobs), value, missing)
    if (is.character(found)) found[found == ""] <- NA
    found
  }
  participant <- of_job("participant")
  data.frame(job = names(jobs), kind = of_job("kind"),
             participant = ifelse(participant == "", NA, paste0("sub-", participant)),
             node = ifelse(of_job("node") == "", NA, of_job("node")),
             state = of_result("state", ""), seconds = of_result("seconds", NA_real_),
             peak_bytes = of_result("peak_bytes", NA_real_), error = of_result("error", ""),
             row.names = NULL, stringsAsFactors = FALSE)
}

read_study <- function(output_folder) {
  books <- file.path(output_folder, "logs", "sociometer")
  jobs <- by_id(file.path(books, "jobs"))
  if (length(jobs) == 0)
    stop(output_folder, " has no jobs of sociometer run in logs/sociometer/jobs", call. = FALSE)
  results <- by_id(file.path(books, "results"))
  log <- file.path(books, "log.jsonl")
  lines <- if (file.exists(log)) readLines(log, encoding = "UTF-8") else character()
  failures <- file.path(books, "failures.tsv")
  list(folder = output_folder, table = table_of_jobs(jobs, results), jobs = jobs,
       results = results, log = lapply(lines, jsonlite::fromJSON),
       failures = if (file.exists(failures)) read_table(failures) else data.frame(),
       messages = messages_by_id(file.path(books, "messages")))
}
