# Finding and running the program.

# What joins a name and its value, and the parts of a value that has several.
joins <- list("modulators" = c(":", ","), "f-contrast" = c("=", ";"))
usual_joins <- c("=", ",")

sociometer_program <- function(path = NULL) {
  where <- if (is.null(path)) "from $SOCIOMETER" else "given"
  name <- if (is.null(path)) Sys.getenv("SOCIOMETER") else path.expand(path)
  found <- unname(Sys.which(if (nzchar(name)) name else "sociometer"))
  if (is.na(found) || !nzchar(found)) {
    if (nzchar(name))
      stop("'", name, "' (", where, ") is no program that can be run; ",
           "it must be the path of sociometer", call. = FALSE)
    stop("there is no program sociometer in PATH; install it, or name it by $SOCIOMETER ",
         "or .program", call. = FALSE)
  }
  found <- normalizePath(found)
  said <- suppressWarnings(system2(found, "--version", stdout = TRUE, stderr = TRUE))
  first <- strsplit(c(said, "")[1], " ", fixed = TRUE)[[1]]
  if (!is.null(attr(said, "status")) || length(first) < 2 || first[1] != "sociometer")
    stop(found, " is not the program sociometer: `--version` says '", paste(first, collapse = " "),
         "'", call. = FALSE)
  structure(list(path = found, version = first[2]), class = "sociometer_program")
}

print.sociometer_program <- function(x, ...) {
  cat("sociometer ", x$version, ": ", x$path, "\n", sep = "")
  invisible(x)
}

# Numbers without an exponent for whole ones, and with all their digits.
texts_of <- function(value, what) {
  if (is.factor(value)) value <- as.character(value)
  if (is.character(value)) return(enc2utf8(unname(value)))
  if (is.null(value) || !is.numeric(value))
    stop(what, " is of class ", class(value)[1], "; values are text and numbers", call. = FALSE)
  one <- function(x) {
    if (is.finite(x) && x == round(x) && abs(x) < 2^53) return(sprintf("%.0f", x))
    text <- sprintf("%.15g", x)
    if (is.finite(x) && as.numeric(text) != x) sprintf("%.17g", x) else text
  }
  vapply(unname(value), one, "")
}

# list(a = "x", b = c("y", "z")) and c(a = "x") are NAME=VALUE; elements without a name are values.
values_of <- function(option, value) {
  join <- if (is.null(joins[[option]])) usual_joins else joins[[option]]
  if (is.null(names(value)) && !is.list(value)) return(texts_of(value, option))
  names <- if (is.null(names(value))) rep("", length(value)) else names(value)
  one <- function(i) {
    parts <- texts_of(value[[i]], option)
    if (nzchar(names[i])) paste0(names[i], join[1], paste(parts, collapse = join[2])) else parts
  }
  as.character(unlist(lapply(seq_along(value), one)))
}

option_words <- function(argument, value) {
  name <- gsub("_", "-", argument, fixed = TRUE)
  option <- paste0(if (nchar(name) == 1) "-" else "--", name)
  if (is.null(value)) return(NULL)
  if (is.logical(value)) {
    if (length(value) != 1 || is.na(value))
      stop(argument, " must be TRUE or FALSE, or values", call. = FALSE)
    return(if (value) option)
  }
  texts <- values_of(name, value)
  is_number <- !is.na(suppressWarnings(as.numeric(texts)))
  # Only an equals sign ties empty text, or text that looks like an option, to its option.
  if (any(texts == "" | (startsWith(texts, "-") & !is_number))) return(paste0(option, "=", texts))
  c(option, texts)
}

command_words <- function(command, given) {
  names <- if (is.null(names(given))) rep("", length(given)) else names(given)
  positional <- lapply(unname(given[names == ""]), texts_of, what = "an argument without a name")
  options <- Map(option_words, names[names != ""], given[names != ""])
  c(strsplit(gsub("_", " ", command, fixed = TRUE), " +")[[1]],
    unlist(positional), unlist(options, use.names = FALSE))
}

sociometer_command <- function(command, ...) c("sociometer", command_words(command, list(...)))

sociometer <- function(command, ..., .program = NULL,
                       .show = getOption("sociometer.show", TRUE)) {
  program <- if (inherits(.program, "sociometer_program")) .program
             else sociometer_program(.program)
  words <- c(program$path, command_words(command, list(...)))
  ended <- run_words(words, .show)
  if (!ended$exit_code %in% c(0L, 5L)) {
    reason <- reason_of(ended)
    stop(structure(class = c("sociometer_error", "error", "condition"),
                   list(message = sprintf("%s (exit code %d)", reason, ended$exit_code),
                        call = NULL, reason = reason, exit_code = ended$exit_code,
                        command = words, messages = ended$messages)))
  }
  failures <- character()
  if (ended$exit_code == 5L) {
    failures <- of_level("warning", ended$messages)
    # The line in which `run` counts the warnings of jobs, those that did not fail.
    failures <- failures[!grepl("^[0-9]+ of [0-9]+ jobs? gave warnings;", failures)]
    if (length(failures) == 0)
      failures <- paste("some contrasts, runs or participants failed;",
                        "no warning was written that names them")
  }
  result <- list(command = words, exit_code = ended$exit_code, stdout = ended$stdout,
                 messages = ended$messages, failures = failures)
  invisible(structure(result, class = "sociometer_result"))
}

print.sociometer_result <- function(x, ...) {
  cat(paste(x$command[-1], collapse = " "), "\nexit code ", x$exit_code, "\n", sep = "")
  if (length(x$failures) > 0) cat(paste0("failed: ", x$failures, "\n"), sep = "")
  if (length(x$stdout) > 0) cat(x$stdout, sep = "\n")
  invisible(x)
}

of_level <- function(level, messages) {
  prefix <- paste0(level, ": ")
  substring(messages[startsWith(messages, prefix)], nchar(prefix) + 1)
}

reason_of <- function(ended) {
  errors <- of_level("error", ended$messages)
  if (length(errors) > 0) return(errors[length(errors)])
  if (ended$exit_code > 128L) return(sprintf("ended by signal %d", ended$exit_code - 128L))
  if (length(ended$messages) > 0) ended$messages[length(ended$messages)] else "no message"
}

# Base R starts programs through sh. The words go into a script, each in single quotes, so that
# sh changes none of them, and any number of them fits. The script's process becomes the program.
run_words <- function(words, show) {
  folder <- tempfile("sociometer-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  path <- function(name) file.path(folder, name)
  program <- paste(c("exec", shQuote(words), ">", shQuote(path("stdout")), "</dev/null"),
                   collapse = " ")
  writeLines(c(paste("echo $$ >", shQuote(path("process"))), program), path("script"),
             useBytes = TRUE)
  output <- pipe(paste0("(sh ", shQuote(path("script")), "; echo $? >", shQuote(path("code")),
                        ") 2>&1"), "r")
  on.exit({
    if (!file.exists(path("code"))) end_process(path("process"))
    close(output)
  }, add = TRUE, after = FALSE)
  messages <- character()
  while (length(line <- readLines(output, 1, warn = FALSE, encoding = "UTF-8")) > 0) {
    messages <- c(messages, line)
    if (show) message(line)
  }
  list(exit_code = scan(path("code"), 0L, quiet = TRUE), messages = messages,
       stdout = readLines(path("stdout"), warn = FALSE, encoding = "UTF-8"))
}

# Ended by SIGTERM, the program removes what it had begun to write.
end_process <- function(process_file) {
  for (i in 1:100) {
    process <- if (file.exists(process_file)) scan(process_file, 0L, quiet = TRUE)
    if (length(process) == 1) return(tools::pskill(process, tools::SIGTERM))
    Sys.sleep(0.01)
  }
}
