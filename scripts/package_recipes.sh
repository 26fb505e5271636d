#!/bin/bash
# Runs the commands of the container recipes (packaging/Dockerfile, packaging/sociometer.def) without a container engine,
# in bare roots, and tries the programs they install. Checks that both recipes have the same commands, and runs the
# build stage once for both.
#
# Usage: scripts/package_recipes.sh [FOLDER [TREE]]   (default: build/bare)
#   FOLDER  where roots are created, as by scripts/bare_root.sh
#   TREE    these sources with a build made at the recipes' folder of sources in another root, as scripts/bare_root.sh
#           leaves in FOLDER/second/sociometer: it is brought up to date instead of built anew
# Exit code 77: roots cannot be created here.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/own_mounts.sh"
cd "$(dirname "$(readlink -f "$0")")/.."
folder=$(realpath -m "${1:-build/bare}")
tree=${2:+$(readlink -f "$2")}
source scripts/bare_root_functions.sh

# A recipe becomes lines `STAGE KIND TEXT`: image NAME, copy SOURCE PLACE (of the source folder, or of a stage), run
# FOLDER COMMAND, start PROGRAM, test COMMAND.
# What is not understood is refused, so that nothing is left out.
steps_of_dockerfile() { # FILE
  local line whole='' stage=-1 name word text at=/
  local -A stages
  while IFS= read -r line; do
    [[ "$line" =~ ^[[:space:]]*(#|$) ]] && continue
    whole+=${line%\\}
    [[ "$line" == *\\ ]] && continue
    word=${whole%% *} text=${whole#* }
    whole=''
    case $word in
      FROM)
        stage=$((stage + 1)) at=/
        read -r text _ name <<<"$text"
        [ -z "$name" ] || stages[$name]=$stage
        echo "$stage image $text"
        ;;
      LABEL) ;;
      WORKDIR) at=$text ;;
      COPY)
        case $text in
          '. .') echo "$stage copy sources $at" ;;
          --from=*) read -r name line word <<<"${text#--from=}" && echo "$stage copy ${stages[$name]}:$line $word" ;;
          *) fails "$1: COPY $text is not understood" ;;
        esac
        ;;
      RUN) echo "$stage run $at $text" ;;
      ENTRYPOINT) echo "$stage start $(tr -d '[]",' <<<"$text")" ;;
      *) fails "$1: $word is not understood" ;;
    esac
  done <"$1"
}

steps_of_definition() { # FILE
  local line stage=-1 section='' from='' key text at=/
  local -A stages
  while IFS= read -r line; do
    line=$(sed 's/^[[:space:]]*//' <<<"$line")
    [[ "$line" =~ ^(#|$) ]] && continue
    if [[ "$line" =~ ^(Bootstrap|From|Stage):\ *(.*)$ ]]; then
      key=${BASH_REMATCH[1]} text=${BASH_REMATCH[2]}
      case $key in
        Bootstrap) stage=$((stage + 1)) section='' at=/ && [ "$text" = docker ] || fails "$1: Bootstrap: $text is not understood" ;;
        From) echo "$stage image $text" ;;
        Stage) stages[$text]=$stage ;;
      esac
    elif [[ "$line" == %* ]]; then
      read -r section _ from <<<"$line"
    else
      case $section in
        %labels | %help) ;;
        %files)
          read -r text key <<<"$line"
          if [ -n "$from" ]; then echo "$stage copy ${stages[$from]}:$text $key"; else
            [ "$text" = . ] || fails "$1: only the folder . is copied, not $text"
            echo "$stage copy sources $key"
          fi
          ;;
        %post) if [[ "$line" == 'cd '* ]]; then at=${line#cd }; else echo "$stage run $at $line"; fi ;;
        %runscript) echo "$stage start $(sed 's/^exec //; s/ "$@"$//' <<<"$line")" ;;
        %test) echo "$stage test $line" ;;
        *) fails "$1: section $section is not understood" ;;
      esac
    fi
  done <"$1"
  [ $stage -ge 0 ] || fails "$1 has no stage"
}

# Debian's slim images leave most of share/doc and the manual pages out.
make_slim() { # ROOT
  mkdir -p "$1/etc/dpkg/dpkg.cfg.d"
  printf '%s\n' 'path-exclude /usr/share/doc/*' 'path-include /usr/share/doc/*/copyright' 'path-exclude /usr/share/man/*' \
    >"$1/etc/dpkg/dpkg.cfg.d/slim"
}

copy_sources() { # ROOT PLACE
  mkdir -p "$1$2"
  git ls-files -co --exclude-standard -z | tar -c --null -T - | tar -x -C "$1$2"
  [ -d .git ] && cp -a .git "$1$2/.git"
  if [ -n "$tree" ]; then
    attach "$tree/build" "$1$2/build" --bind
    rm -f "$1$2"/build/*/CMakeCache.txt
  fi
}

run_stages() { # STEPS ROOT
  local stage kind text source target root
  while read -r stage kind text; do
    root=$2-$stage
    case $kind in
      image)
        make_root "$root"
        case $text in
          "debian:$suite") ;;
          "debian:$suite-slim") make_slim "$root" ;;
          *) fails "the image $text is not debian:$suite" ;;
        esac
        ;;
      copy)
        read -r source target <<<"$text"
        if [ "$source" = sources ]; then copy_sources "$root" "$target"; else
          cp -r "$2-${source%%:*}${source#*:}" "$root$target"
        fi
        ;;
      run)
        read -r place text <<<"$text"
        step "$text"
        inside "$root" "$text" >"$folder/recipe.log" 2>&1 </dev/null || { tail -20 "$folder/recipe.log" >&2; fails "failed: $text"; }
        ;;
      test) place=/ && inside "$root" "$text" </dev/null ;;
      start)
        place=/
        cp scripts/package_try.sh "$root/package_try.sh"
        inside "$root" "bash /package_try.sh $version $text" </dev/null
        ;;
    esac
  done <<<"$1"
}

docker=$(steps_of_dockerfile packaging/Dockerfile)
apptainer=$(steps_of_definition packaging/sociometer.def)
difference=$(diff <(grep -v ' test ' <<<"$docker") <(grep -v ' test ' <<<"$apptainer")) ||
  fails "the commands of packaging/Dockerfile (<) and packaging/sociometer.def (>) differ:"$'\n'"$difference"
version=$(grep -oP '^project\(sociometer VERSION \K[0-9.]+' CMakeLists.txt)
for recipe in packaging/conda/recipe.yaml packaging/neurocontainers/build.yaml; do
  grep -qE "^ *version: \"?$version\"?$" $recipe || fails "$recipe is not for version $version of CMakeLists.txt"
done
make_base
run_stages "$apptainer" "$folder/recipe"
leave
! grep -q " $folder/recipe-" /proc/mounts || fails "$folder/recipe-* still has mounts; unmount them and delete it"
rm -rf "$folder"/recipe-[0-9]
step "the recipes' commands passed"
