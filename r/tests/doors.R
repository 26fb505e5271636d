# Tests of the package, which must be installed: Rscript r/tests/doors.R
# Those of the real program need $SOCIOMETER. What is skipped is told; the last line counts.
library(sociometer)

count <- c(ok = 0, failed = 0, skipped = 0)

# `after` is done whether or not the test holds.
test <- function(name, code, needs = character(), after = NULL) {
  missing <- needs[!vapply(needs, requireNamespace, NA, quietly = TRUE)]
  if (length(missing) > 0) {
    cat("skipped  ", name, ": the R package ", missing[1], " is not installed\n", sep = "")
    count["skipped"] <<- count["skipped"] + 1
    return(invisible())
  }
  fault <- tryCatch({ code; NULL }, error = conditionMessage)
  force(after)
  cat(if (is.null(fault)) "ok       " else "FAILED   ", name,
      if (!is.null(fault)) paste0(": ", fault), "\n", sep = "")
  which <- if (is.null(fault)) "ok" else "failed"
  count[which] <<- count[which] + 1
}

same <- function(found, expected) {
  text <- function(x) paste(deparse(x, nlines = 5), collapse = " ")
  if (!identical(found, expected)) stop("found ", text(found), ", expected ", text(expected))
}

error_of <- function(code) tryCatch({ code; stop("there was no error") }, error = function(e) e)

says <- function(code, words) {
  text <- conditionMessage(error_of(code))
  if (!grepl(words, text)) stop("'", text, "' does not say '", words, "'")
}

words <- function(...) sociometer_command("fit", ...)[-(1:2)]

new_folder <- function() {
  folder <- tempfile("sociometer-tests-")
  dir.create(folder)
  folder
}

fake_program <- function(body, version = "sociometer 9.8.7 (commit 1)") {
  path <- file.path(new_folder(), "sociometer")
  answer <- sprintf("if [ \"$1\" = --version ]; then echo '%s'; exit 0; fi", version)
  writeLines(c("#!/bin/sh", answer, body), path)
  Sys.chmod(path)
  path
}

quiet <- function(command, ..., .program = NULL)
  sociometer(command, ..., .program = .program, .show = FALSE)

# ---- words of commands

test("command begins with the program and the command", {
  same(sociometer_command("fit"), c("sociometer", "fit"))
  same(sociometer_command("roi_extract"), c("sociometer", "roi", "extract"))
})
test("arguments come first", same(words(o = "out", "study", c("a", "b")),
                                  c("study", "a", "b", "-o", "out")))
test("names of options, flags, numbers", {
  same(words(noise_model = "ar1", j = 2, log_p = TRUE, overwrite = FALSE, mask = NULL),
       c("--noise-model", "ar1", "-j", "2", "--log-p"))
  same(words(permutations = 1e5, tr = 2.5, alpha = 1e-5, level = 0.1 + 0.2, high_pass = 1 / 128),
       c("--permutations", "100000", "--tr", "2.5", "--alpha", "1e-05",
         "--level", "0.30000000000000004", "--high-pass", "0.0078125"))
})
test("several values and NAME=VALUE", {
  same(words(bold = c("a", "b")), c("--bold", "a", "b"))
  same(words(contrast = c(a = "x - y", b = "x")), c("--contrast", "a=x - y", "b=x"))
  same(words(f_contrast = list(a = c("x", "y"))), c("--f-contrast", "a=x;y"))
  same(words(sphere = list(a = c(1, -2.5, 3, 8))), c("--sphere", "a=1,-2.5,3,8"))
  same(words(modulators = list(feedback = c("x", "y"))), c("--modulators", "feedback:x,y"))
})
test("what looks like an option is tied to its option", {
  same(words(contrast = c("-a+b", "c")), c("--contrast=-a+b", "--contrast=c"))
  same(words(prefix = ""), "--prefix=")
  same(words(min_onset = -24), c("--min-onset", "-24"))
  same(words(variances = character(), o = "x"), c("--variances", "-o", "x"))
})
test("other values are refused", {
  says(words(bold = 1i), "bold is of class complex")
  says(words(contrast = list(a = TRUE)), "contrast is of class logical")
  says(words(log_p = NA), "log_p must be TRUE or FALSE")
})

# ---- finding and running

environment_before <- as.list(Sys.getenv(c("SOCIOMETER", "PATH"), names = TRUE))
test("the argument comes before the variable and that before PATH", {
  paths <- normalizePath(replicate(3, fake_program("exit 0")))
  Sys.setenv(SOCIOMETER = paths[2], PATH = paste0(dirname(paths[3]), ":", environment_before$PATH))
  same(sociometer_program(paths[1])$path, paths[1])
  same(sociometer_program()$path, paths[2])
  Sys.setenv(SOCIOMETER = "")
  same(sociometer_program()$path, paths[3])
  same(sociometer_program()$version, "9.8.7")
  Sys.setenv(PATH = new_folder())
  says(sociometer_program(), "no program sociometer in PATH")
  Sys.setenv(SOCIOMETER = "/nowhere/sociometer")
  says(sociometer_program(), "/nowhere/sociometer.*SOCIOMETER")
}, after = do.call(Sys.setenv, environment_before))
test("another program is refused",
     says(sociometer_program(fake_program("exit 0", "other 1.0")), "is not the program.*other 1.0"))
test("words arrive as they are", {
  odd <- c("two words", "a'b\"c", "$HOME `ls` $(ls)", "*", "\u00fcn\u00efcode", "a\\b", "'", "#")
  result <- quiet("fit", odd, contrast = c("a b" = "$x;y"), o = " ",
                  .program = fake_program("printf '%s\\n' \"$@\""))
  same(result$stdout, c("fit", odd, "--contrast", "a b=$x;y", "-o", " "))
  same(quiet("fit", "line\nend", .program = fake_program("printf '%s' \"$2\""))$stdout,
       c("line", "end"))
  same(result$failures, character())
})
test("as many words as the system takes", {
  many <- sprintf("/a/long/path/to/the/map/of/participant/%05d_statmap.nii.gz", 1:20000)
  same(quiet("group", effects = many, .program = fake_program("echo $#"))$stdout, "20002")
})
test("an error has the line and the code", {
  for (code in 1:4) {
    fake <- fake_program(c("echo note >&2", "echo 'error: bad thing' >&2", paste("exit", code)))
    e <- error_of(quiet("fit", o = "x", .program = fake))
    same(class(e), c("sociometer_error", "error", "condition"))
    same(list(e$exit_code, e$reason), list(code, "bad thing"))
    same(e$messages, c("note", "error: bad thing"))
    same(e$command[-1], c("fit", "-o", "x"))
  }
  e <- error_of(quiet("fit", .program = fake_program("kill -9 $$")))
  same(list(e$exit_code, e$reason), list(137L, "ended by signal 9"))
})
test("failures of parts are a result", {
  fake <- fake_program(c("echo 'warning: sub-03 failed' >&2", "exit 5"))
  result <- quiet("run", .program = fake)
  same(list(result$exit_code, result$failures), list(5L, "sub-03 failed"))
  same(length(quiet("run", .program = fake_program("exit 5"))$failures), 1L)
})
test("messages are shown unless asked not to", {
  fake <- fake_program("echo working >&2")
  same(capture.output(sociometer("fit", .program = fake), type = "message"), "working")
  same(capture.output(quiet("fit", .program = fake), type = "message"), character())
})
test("an interruption ends the program", {
  ended <- file.path(new_folder(), "ended")
  fake <- fake_program(c(paste0("trap 'touch ", ended, "; exit 1' TERM"), "echo go >&2",
                         "while :; do sleep .1; done"))
  stopped <- tryCatch(withCallingHandlers(sociometer("fit", .program = fake),
                                          message = function(m) stop("interrupted")),
                      error = conditionMessage)
  same(stopped, "interrupted")
  same(file.exists(ended), TRUE)
})

# ---- files

table_of <- function(text) {
  path <- tempfile(fileext = ".tsv")
  writeBin(charToRaw(enc2utf8(text)), path)
  read_table(path)
}

test("files by their names", {
  folder <- new_folder()
  names <- c("a/sub-01/sub-01_run-1_contrast-x_stat-t_statmap.nii.gz",
             "a/sub-01/sub-01_run-02_contrast-x_stat-z_statmap.nii.gz",
             "a/sub-02/ses-b/contrast-x_stat-t_statmap.nii", "a/pilot_contrast-x_clusters.tsv",
             "a/.hidden/sub-03_contrast-x_stat-t_statmap.nii.gz", "a/README")
  for (name in names) {
    dir.create(file.path(folder, dirname(name)), FALSE, TRUE)
    file.create(file.path(folder, name))
  }
  found <- function(...) sub(paste0(folder, "/"), "", find_files(folder, ...)$path, fixed = TRUE)
  same(found(), sort(names[-5], method = "radix"))
  same(found(suffix = "clusters"), names[4])
  same(found(stat = c("z", "p")), names[2])
  same(found(run = 2), names[2])
  same(found(run = "2"), character())
  same(found(contrast = "x", sub = NA), names[4])
  same(found(other = "x"), character())
  same(find_maps(folder, stat = "t")$path, file.path(folder, names[c(1, 3)]))
  same(find_maps(folder, stat = "t")$ses, c(NA, "b"))
  same(find_file(folder, sub = "02"), file.path(folder, names[3]))
  says(find_file(folder, sub = "01"), "2 files")
  says(find_files(file.path(folder, "none")), "is no folder")
})
test("types and missing values of tables", {
  t <- table_of(paste0("n\tx\tlabel\tname\tnone\tbig\n1\t0.5\t01\tn/a\tn/a\t1e300\n",
                       "-2\tn/a\t10\tb c\t\t-inf\n"))
  same(t$n, c(1L, -2L))
  same(t$x, c(0.5, NA))
  same(t$label, c("01", "10"))
  same(t$name, c(NA, "b c"))
  same(is.na(t$none), c(TRUE, TRUE))
  same(t$big, c(1e300, -Inf))
})
test("names of tables stay as they are", {
  wanted <- c("p (FWE)", "=1+1", "a:b", "feedback:outcome_update", "\u00e9")
  same(names(table_of(paste0(paste(wanted, collapse = "\t"), "\n1\t1\t1\t1\t1\n"))), wanted)
})
test("quoted cells, line ends, tables without rows", {
  t <- table_of("a\tb\n\"x\ty\"\t1\n\"he said \"\"no\"\"\"\t2\n5\" coil\t3\n\"two\nlines\"\t4")
  same(t$a, c("x\ty", "he said \"no\"", "5\" coil", "two\nlines"))
  same(t$b, 1:4)
  same(table_of("\ufeffa\tb\r\n1\tx\r\n"), data.frame(a = 1L, b = "x"))
  same(dim(table_of("a\tb\n")), c(0L, 2L))
  same(dim(table_of("a\n\"b\"\n")), c(1L, 1L))
})
test("tables that are refused", {
  says(table_of(""), "no header")
  says(table_of("a\ta\n"), "one name")
  says(table_of("a\tb\n1\n"), "row 1 has 1")
})
if (!requireNamespace("RNifti", quietly = TRUE)) {
  test("without RNifti it says what to install",
       says(load_map("x.nii.gz"), "install.packages\\(\"RNifti\"\\)"))
}

# ---- the real program

finish <- function() {
  cat(sprintf("%d ok, %d failed, %d skipped\n", count["ok"], count["failed"], count["skipped"]))
  quit(status = if (count["failed"] > 0) 1 else 0)
}
if (!nzchar(Sys.getenv("SOCIOMETER"))) {
  cat("skipped  all of the real program: $SOCIOMETER names no program\n")
  finish()
}

script <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE, fixed = TRUE)[1])
root <- normalizePath(file.path(dirname(script), "..", ".."))
work <- new_folder()
setwd(work)
quiet("simulate", "study", participants = 3, runs = 2, trials = 10, grid = "tiny")
quiet("run", "study", "results", "group",
      model = file.path(root, "docs", "models", "model-dissociation_smdl.json"))
bold <- find_files("study/derivatives/fmriprep", "bold", ".nii.gz", sub = "01")$path
events <- find_files("study/sub-01", "events", ".tsv")$path
quiet("fit", bold = bold, events = events, noise_model = "ar2", contrast = c(feedback = "feedback"),
      o = "maps/both")
quiet("fit", bold = bold[1], events = events[1], noise_model = "ols", map_type = "float64",
      contrast = c(feedback = "feedback"), prefix = "sub-01", o = "maps/one")

test("package and program have one version",
     same(sociometer_program()$version, as.character(utils::packageVersion("sociometer"))))
test("the program's own error line and code", {
  e <- error_of(quiet("fit", bold = "none_bold.nii.gz", events = "none_events.tsv", o = "never"))
  said <- suppressWarnings(system2(Sys.getenv("SOCIOMETER"), e$command[-1], stdout = TRUE,
                                   stderr = TRUE))
  same(attr(said, "status"), 3L)
  same(e$exit_code, 3L)
  same(paste("error:", e$reason), said[length(said)])
  same(error_of(quiet("fitt"))$exit_code, 2L)
  same(error_of(quiet("fit", bold = character(), events = "e.tsv", o = "never"))$exit_code, 2L)
})
test("tables have the cells of the file", {
  paths <- find_files("results", extension = ".tsv")$path
  stopifnot(length(paths) > 20)
  for (path in paths) {
    t <- read_table(path)
    lines <- strsplit(paste0(readLines(path), "\t"), "\t", fixed = TRUE)
    same(names(t), lines[[1]])
    same(nrow(t), length(lines) - 1L)
    for (i in seq_along(t)) {
      cells <- vapply(lines[-1], function(line) line[i], "")
      cells[cells == "n/a"] <- NA
      if (is.character(t[[i]])) same(t[[i]], cells) else same(as.numeric(t[[i]]), as.numeric(cells))
    }
  }
})
test("sidecars", needs = "jsonlite", {
  map <- find_file("maps/both", "statmap", ".nii.gz", contrast = "feedback", stat = "t")
  side <- read_sidecar(map)
  same(side$Software$Name, "Sociometer")
  same(side, read_sidecar(sub(".nii.gz", ".json", map, fixed = TRUE)))
  says(read_sidecar("maps/none.tsv"), "no file maps/none.json")
})
test("the records of run", needs = "jsonlite", {
  study <- read_study("results")
  status <- strsplit(head(quiet("status", "results")$stdout[-1], -1), " +")
  same(study$table$job, vapply(status, `[`, "", 1))
  same(study$table$state, vapply(status, `[`, "", 2))
  same(study$table$participant[study$table$kind == "fit"], c("sub-01", "sub-02", "sub-03"))
  stopifnot(all(study$table$seconds > 0), all(is.na(study$table$error)))
  same(length(study$log), length(readLines("results/logs/sociometer/log.jsonl")))
  same(names(study$jobs), names(study$results))
  same(dim(study$failures), c(0L, 0L))
  stopifnot(any(grepl("fitted", study$messages[[study$table$job[study$table$kind == "fit"][1]]])))
  file.copy("results/logs", new <- new_folder(), recursive = TRUE)
  unlink(file.path(new, "logs/sociometer/results/learn.json"))
  table <- read_study(new)$table
  same(table$state[table$job == "learn"], NA_character_)
  same(table$seconds[table$job == "learn"], NA_real_)
  says(read_study(work), "no jobs")
})
test("a failed participant is a result with failures", {
  system2("cp", c("-rl", "study", "broken"))
  image <- find_file("broken/derivatives/fmriprep", "bold", ".nii.gz", sub = "03", run = 2)
  start <- readBin(image, "raw", 1000)
  unlink(image)
  writeBin(start, image)
  result <- quiet("run", "broken", "broken_results", "participant",
                  participant_label = c("02", "03"),
                  model = file.path(root, "docs", "models", "model-dissociation_smdl.json"))
  same(result$exit_code, 5L)
  stopifnot(length(result$failures) == 1, grepl("sub-03", result$failures),
            grepl("truncated", result$failures))
  failures <- read_table("broken_results/logs/sociometer/failures.tsv")
  same(failures$participant, "sub-03")
})

for (package in c("rhdf5", "hdf5r")) {
  test(paste("estimates by", package), needs = package, {
    options(sociometer.hdf5 = package)
    path <- find_file("maps/both", "estimates", ".h5")
    e <- read_estimates(path)
    same(length(e$runs), 2L)
    run <- e$runs[[2]]
    design <- read_table(find_file("maps/both", "design", ".tsv", run = 2))
    same(run$column_names, setdiff(names(design), "frame_time"))
    same(dim(run$design), c(nrow(design), length(run$column_names)))
    stopifnot(max(abs(run$design - as.matrix(design[run$column_names]))) < 1e-9)
    same(dim(run$betas), c(length(e$voxels), length(run$column_names)))
    same(dim(run$noise_parameters), c(length(e$voxels), 2L))
    same(run$noise_model, "ar2")
    same(run$kept, rep(TRUE, nrow(design)))
    same(run$status, integer(length(e$voxels)))
    same(e$runs[[1]]$dof, nrow(e$runs[[1]]$design) - qr(e$runs[[1]]$design)$rank + 0)
    volume <- estimates_volume(e, run$mean)
    same(dim(volume), e$size)
    same(sum(!is.na(volume)), length(e$voxels))
    same(volume[e$voxels[7]], run$mean[7])
    only <- read_estimates(path, only = "betas")$runs[[2]]
    same(only$betas, run$betas)
    same(only$mean, NULL)
    one <- read_estimates(find_file("maps/one", "estimates", ".h5"))
    ols <- one$runs[[1]]
    same(ols$noise_parameters, NULL)
    effect <- find_maps("maps/one", contrast = "feedback", stat = "effect")$path
    gz <- gzfile(effect, "rb")
    readBin(gz, "raw", 352)
    stored <- readBin(gz, "double", prod(e$size), endian = "little")
    close(gz)
    beta <- estimates_volume(one, ols$betas[, "feedback"], outside = 0)
    stopifnot(max(abs(beta - stored)) <= 1e-12 * max(abs(stored)), max(abs(stored)) > 1)
    same(ols$noise_model, "ols")
    says(read_estimates(path, only = "beta"), "beta; known")
  })
}
test("both packages for HDF5 read the same", needs = c("rhdf5", "hdf5r"), {
  read <- function(package) {
    options(sociometer.hdf5 = package)
    e <- read_estimates(find_file("maps/both", "estimates", ".h5"))
    e$runs <- lapply(e$runs, function(run) run[order(names(run))])
    e
  }
  same(read("rhdf5"), read("hdf5r"))
})
test("a file that was cut short is refused", {
  path <- find_file("maps/one", "estimates", ".h5")
  cut <- tempfile(fileext = ".h5")
  writeBin(readBin(path, "raw", file.size(path) - 100), cut)
  says(read_estimates(cut), "damaged")
  writeBin(raw(), cut)
  says(read_estimates(cut), "damaged")
})
test("betas in the grid are the effect map", needs = c("RNifti", "hdf5r"), {
  e <- read_estimates(find_file("maps/one", "estimates", ".h5"))
  map <- load_map(find_maps("maps/one", contrast = "feedback", stat = "effect")$path)
  ours <- estimates_volume(e, e$runs[[1]]$betas[, "feedback"], outside = 0)
  stopifnot(max(abs(ours - map)) <= 1e-12 * max(abs(map)))
})

page <- readLines(file.path(root, "docs", "how-to", "python-and-r.md"))
starts <- which(page == "```r")
ends <- which(page == "```")
blocks <- lapply(starts, function(start) page[(start + 1):(min(ends[ends > start]) - 1)])
stopifnot(length(blocks) > 3)
# Only blocks that read estimates need a package for HDF5.
hdf5 <- vapply(blocks, function(block) any(grepl("read_estimates", block)), NA)
stopifnot(sum(hdf5) == 1)
place <- new_folder()
invisible(file.symlink(file.path(root, "docs"), file.path(place, "docs")))
setwd(place)
options(sociometer.show = FALSE)
names_of_page <- new.env()
printed <- character()
run_page <- function(blocks) {
  printed <<- capture.output(for (line in parse(text = unlist(blocks))) eval(line, names_of_page))
}
test("the code of docs/how-to/python-and-r.md", needs = "jsonlite", {
  run_page(blocks[!hdf5])
  stopifnot(any(grepl("3 none_bold.nii.gz does not exist", printed)))
  same(nrow(names_of_page$maps), 2L)
})
test("its code with estimates", needs = "hdf5r", {
  run_page(blocks[hdf5])
  same(dim(names_of_page$volume), names_of_page$estimates$size)
})

finish()
