# Files by the entities of their names, tables and sidecars.

extension_of <- function(name) {
  known <- regmatches(name, regexpr("\\.nii\\.gz$|\\.tsv\\.gz$|\\.[^.]*$", name))
  if (length(known) == 0) "" else known
}

# What a name says: sub and ses also from folders.
entities_of <- function(path) {
  name <- basename(path)
  extension <- extension_of(name)
  parts <- strsplit(substr(name, 1, nchar(name) - nchar(extension)), "_", fixed = TRUE)[[1]]
  parts <- if (length(parts) == 0) "" else parts
  folders <- strsplit(dirname(path), "/", fixed = TRUE)[[1]]
  pairs <- c(folders[grepl("^(sub|ses)-[A-Za-z0-9+]+$", folders)],
             grep("-", parts[-length(parts)], fixed = TRUE, value = TRUE))
  labels <- sub("^[^-]*-", "", pairs)
  names(labels) <- sub("-.*", "", pairs)
  list(entities = labels[!duplicated(names(labels), fromLast = TRUE)],
       suffix = parts[length(parts)], extension = extension)
}

is_wanted <- function(labels, wanted) {
  if (is.numeric(wanted)) {
    whole <- grepl("^[0-9]+$", labels)
    return(whole & suppressWarnings(as.numeric(labels)) %in% wanted)
  }
  labels %in% wanted
}

find_files <- function(folder, suffix = NULL, extension = NULL, ...) {
  wanted <- list(...)
  if (!dir.exists(folder)) stop(folder, " is no folder", call. = FALSE)
  paths <- sort(list.files(folder, recursive = TRUE, full.names = TRUE), method = "radix")
  said <- lapply(paths, entities_of)
  keys <- unique(unlist(lapply(said, function(s) names(s$entities))))
  found <- data.frame(path = paths, stringsAsFactors = FALSE)
  for (key in keys) found[[key]] <- vapply(said, function(s) unname(s$entities[key]), "")
  found$suffix <- vapply(said, function(s) s$suffix, "")
  found$extension <- vapply(said, function(s) s$extension, "")
  keep <- rep(TRUE, length(paths))
  if (!is.null(suffix)) keep <- keep & found$suffix %in% suffix
  if (!is.null(extension)) keep <- keep & found$extension %in% extension
  for (key in names(wanted)) {
    labels <- if (key %in% keys) found[[key]] else rep(NA_character_, length(paths))
    keep <- keep & is_wanted(labels, wanted[[key]])
  }
  found <- found[keep, , drop = FALSE]
  rownames(found) <- NULL
  found[, !vapply(found, function(column) length(column) > 0 && all(is.na(column)), NA),
        drop = FALSE]
}

find_file <- function(folder, suffix = NULL, extension = NULL, ...) {
  found <- find_files(folder, suffix, extension, ...)$path
  if (length(found) != 1)
    stop(length(found), " files of ", folder, " have these names, not one",
         if (length(found) > 0) paste0(":\n  ", paste(utils::head(found, 10), collapse = "\n  ")),
         call. = FALSE)
  found
}

find_maps <- function(folder, ...) {
  find_files(folder, suffix = "statmap", extension = c(".nii.gz", ".nii"), ...)
}

need <- function(package, what) {
  if (!requireNamespace(package, quietly = TRUE))
    stop(what, " needs the package ", package, ": install.packages(\"", package, "\")",
         call. = FALSE)
}

load_map <- function(path) {
  need("RNifti", "load_map")
  RNifti::readNifti(path)
}

# Cells of a table, a character vector per row. Quoted cells may hold tabs, line ends and doubled
# quotes; a quote within a cell is text (read.table would take it for the start of a quoted cell).
rows_of <- function(text) {
  text <- gsub("\r\n", "\n", text, fixed = TRUE)
  if (!grepl("\"", text, fixed = TRUE)) {
    lines <- strsplit(text, "\n", fixed = TRUE)[[1]]
    lines <- lines[lines != ""]
    return(strsplit(paste0(lines, rep("\t", length(lines))), "\t", fixed = TRUE))
  }
  if (!endsWith(text, "\n")) text <- paste0(text, "\n")
  token <- gregexpr("(?:\"(?:[^\"]|\"\")*\"|[^\t\n]*)[\t\n]", text, perl = TRUE, useBytes = TRUE)
  tokens <- regmatches(text, token)[[1]]
  cells <- substr(tokens, 1, nchar(tokens) - 1)
  quoted <- nchar(cells) > 1 & startsWith(cells, "\"") & endsWith(cells, "\"")
  cells[quoted] <- gsub("\"\"", "\"", substr(cells[quoted], 2, nchar(cells[quoted]) - 1),
                        fixed = TRUE)
  ends <- endsWith(tokens, "\n")
  rows <- unname(split(cells, cumsum(c(TRUE, ends[-length(ends)]))))
  rows[!vapply(rows, identical, NA, "")]
}

# 01 is a label, not a number.
column_of <- function(cells) {
  cells[cells %in% c("n/a", "")] <- NA
  there <- cells[!is.na(cells)]
  number <- "^([+-]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf|nan)$"
  if (!all(grepl(number, there))) return(cells)
  values <- as.numeric(cells)
  whole <- all(grepl("^[+-]?[0-9]+$", there)) && all(abs(values) < 2^31, na.rm = TRUE)
  if (whole && length(there) == length(cells)) as.integer(values) else values
}

read_table <- function(path) {
  text <- readChar(path, file.size(path), useBytes = TRUE)
  text <- sub("^\xef\xbb\xbf", "", text, useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  rows <- rows_of(text)
  if (length(rows) == 0) stop(path, ": no header", call. = FALSE)
  names <- rows[[1]]
  if (anyDuplicated(names)) stop(path, ": two columns have one name", call. = FALSE)
  rows <- rows[-1]
  bad <- which(lengths(rows) != length(names))
  if (length(bad) > 0)
    stop(path, ": row ", bad[1], " has ", length(rows[[bad[1]]]), " cells, the header ",
         length(names), call. = FALSE)
  cells <- matrix(as.character(unlist(rows)), ncol = length(names), byrow = TRUE)
  columns <- lapply(seq_along(names), function(i) column_of(cells[, i]))
  names(columns) <- names
  as.data.frame(columns, optional = TRUE, stringsAsFactors = FALSE)
}

read_json <- function(path) {
  need("jsonlite", "reading JSON")
  jsonlite::fromJSON(path, simplifyDataFrame = FALSE)
}

read_sidecar <- function(path) {
  name <- basename(path)
  stem <- substr(name, 1, nchar(name) - nchar(extension_of(name)))
  file <- file.path(dirname(path), paste0(stem, ".json"))
  if (!file.exists(file)) stop("there is no file ", file, call. = FALSE)
  read_json(file)
}
