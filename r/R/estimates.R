# estimates.h5; its layout is in docs/reference/formats.md.

estimates_version <- 2
seal_bytes <- 24
# Stored as matrices of one column.
vectors <- c("frame_times", "trial_sd", "residual_variance", "r_squared", "mean")
voxelwise <- c("betas", "residual_variance", "noise_parameters", "r_squared", "mean", "status")

# Files that were cut short lack the seal. Its checksum is left to the program.
check_seal <- function(path) {
  size <- file.size(path)
  if (is.na(size)) stop("there is no file ", path, call. = FALSE)
  file <- file(path, "rb")
  on.exit(close(file))
  seek(file, max(0, size - seal_bytes))
  mark <- readBin(file, "raw", 8)
  halves <- readBin(file, "integer", 2, endian = "little")
  length <- sum((halves %% 2^32) * c(1, 2^32))
  if (!identical(mark, charToRaw("SOCIOSUM")) || length != size - seal_bytes)
    stop(path, " is no file of sociometer, or it is damaged: its seal is missing", call. = FALSE)
}

# The same few questions to either package for HDF5. Both give arrays in the reverse order of
# the file's dimensions.
hdf5_readers <- list(
  rhdf5 = function(path) {
    list(attributes = function(group) lapply(rhdf5::h5readAttributes(path, group), as.vector),
         names = function(group) {
           all <- rhdf5::h5ls(path)
           all$name[all$group == group]
         },
         read = function(name) rhdf5::h5read(path, name),
         close = function() invisible())
  },
  hdf5r = function(path) {
    file <- hdf5r::H5File$new(path, mode = "r")
    list(attributes = function(group) hdf5r::h5attributes(file[[group]]),
         names = function(group) names(file[[group]]),
         read = function(name) file[[name]]$read(drop = FALSE),
         close = function() file$close_all())
  })

hdf5 <- function(path) {
  for (package in getOption("sociometer.hdf5", names(hdf5_readers)))
    if (requireNamespace(package, quietly = TRUE)) return(hdf5_readers[[package]](path))
  stop("read_estimates needs the package hdf5r or rhdf5: install.packages(\"hdf5r\")",
       call. = FALSE)
}

read_run <- function(file, group, only) {
  run <- file$attributes(group)
  for (name in file$names(group)) {
    if (name %in% voxelwise && !is.null(only) && !name %in% only) next
    values <- file$read(paste0(group, "/", name))
    values <- if (name %in% vectors || length(dim(values)) < 2) as.vector(values) else t(values)
    if (is.raw(values)) values <- as.integer(values)
    run[[name]] <- if (name == "kept") values != 0 else values
  }
  colnames(run$design) <- run$column_names
  if (!is.null(run$betas)) colnames(run$betas) <- run$column_names
  run
}

read_estimates <- function(path, only = NULL) {
  unknown <- setdiff(only, voxelwise)
  if (length(unknown) > 0)
    stop("only: ", paste(unknown, collapse = ", "), "; known: ", paste(voxelwise, collapse = ", "),
         call. = FALSE)
  check_seal(path)
  file <- hdf5(path)
  on.exit(file$close())
  about <- file$attributes("/")
  if (!identical(about$format, "sociometer-estimates") || about$format_version != estimates_version)
    stop(path, " is '", about$format, "' version ", about$format_version,
         "; this package reads sociometer-estimates version ", estimates_version, call. = FALSE)
  numbers <- sort(as.integer(file$names("/runs")))
  list(path = path, software = about$software,
       voxels = as.integer(file$read("/mask/voxels")) + 1L,
       size = as.integer(file$read("/mask/size")), affine = t(file$read("/mask/affine")),
       space_code = as.integer(file$attributes("/mask")$space_code),
       runs = lapply(paste0("/runs/", numbers), function(group) read_run(file, group, only)))
}

estimates_volume <- function(estimates, values, outside = NA_real_) {
  if (length(values) != length(estimates$voxels))
    stop(length(values), " values for ", length(estimates$voxels), " voxels of ", estimates$path,
         call. = FALSE)
  volume <- array(outside, estimates$size)
  volume[estimates$voxels] <- values
  volume
}
