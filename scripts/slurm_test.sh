#!/bin/bash
# Runs a study of eight tiny participants under a real Slurm on this machine, and holds it to a local call.
# Usage, as root: scripts/slurm_test.sh [BUILD]    (default: build/release; the program is BUILD/cli/sociometer)
# Installs Debian's slurm-wlm and munge if they are missing. A controller and two nodes run with a configuration, keys
# and ports of their own, and are stopped at the end. While the study runs, one task is killed and requeued, a node is
# drained and resumed, and one participant's image is broken; a second study loses its planner.
# Takes about a minute. Exits 77 if Slurm cannot be had.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
program=$(readlink -f "${1:-$root/build/release}")/cli/sociometer
skip() { echo "skipped: $*"; exit 77; }
die() { echo "slurm_test: $*" >&2; exit 1; }

[ -x "$program" ] || die "there is no program $program"
[ "$(id -u)" = 0 ] || skip "Slurm's daemons need root"
for tool in slurmctld slurmd sbatch munged; do
  command -v $tool >/dev/null && continue
  echo "installing slurm-wlm and munge"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm munge; } >/dev/null 2>&1 \
    || skip "slurm-wlm and munge cannot be installed"
done

place=$(mktemp -d)
chmod 755 "$place"
mkdir "$place"/{state,log,home}
export SLURM_CONF=$place/slurm.conf HOME=$place/home
holder=
clean_up() {
  code=$?
  trap - EXIT
  [ $code = 0 ] || [ $code = 77 ] || tail -n 5 "$place"/log/*.log "$place"/out/logs/sociometer/slurm/*/*.log >&2 || true
  [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
  scancel --user=root 2>/dev/null || true
  for daemon in slurmd-n1 slurmd-n2 slurmctld munged; do
    [ -s "$place/$daemon.pid" ] || continue
    pid=$(cat "$place/$daemon.pid")
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  done
  rm -rf "$place"
  exit $code
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# until_true SECONDS WHAT COMMAND..: waits until the command succeeds.
until_true() {
  local seconds=$1 what=$2
  shift 2
  for _ in $(seq $((seconds * 5))); do
    ! "$@" || return 0
    sleep 0.2
  done
  echo "slurm_test: after $seconds s still not: $what" >&2
  return 1
}

start_slurm() {
  local machine port
  machine=$(hostname -s)
  port=$((20000 + RANDOM % 20000))
  cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$machine(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits until its old credential has expired: by default two minutes.
AuthInfo=socket=$place/munge.socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# The nodes have more processors and memory than this machine may.
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
ReturnToService=2
KillWait=2
JobRequeue=0
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool-%n
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd-%n.pid
SlurmctldLogFile=$place/log/slurmctld.log
SlurmdLogFile=$place/log/slurmd-%n.log
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
NodeName=n1 NodeHostname=$machine NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 RealMemory=16000
NodeName=n2 NodeHostname=$machine NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 RealMemory=16000
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
  # Version 2 wants a mounted /sys even if nothing uses it.
  echo "CgroupPlugin=cgroup/v1" >"$place/cgroup.conf"
  head -c 1024 /dev/urandom >"$place/munge.key"
  chmod 600 "$place/munge.key"
  munged --force --key-file="$place/munge.key" --socket="$place/munge.socket" --pid-file="$place/munged.pid" \
    --log-file="$place/log/munged.log" --seed-file="$place/munge.seed" 2>/dev/null || return 1
  slurmctld && slurmd -N n1 && slurmd -N n2 || return 1
  until_true 20 "two idle nodes" two_nodes_are_idle
}
two_nodes_are_idle() { [ "$(sinfo --noheader --Node --format=%T 2>/dev/null | grep -cx idle)" = 2 ]; }
start_slurm || { tail -n 3 "$place"/log/*.log; skip "Slurm's daemons do not start on this machine"; }

cd "$place"
"$program" simulate study --participants 8 --runs 2 --trials 30 --grid tiny --quiet
truncate -s 1000 study/derivatives/fmriprep/sub-08/func/sub-08_*_run-2_*_bold.nii.gz
cat >model.json <<'MODEL'
{"Name": "slurm", "BIDSModelVersion": "1.0.0", "Input": {"task": ["social"]}, "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Scale", "Input": ["rank_update_unsigned"], "Demean": true, "Rescale": false, "ReplaceNA": "after",
      "Output": ["rank"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*", "rank"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.*", "rank", "trans_?", 1],
     "Software": {"Sociometer": {"NoiseModel": "ar1", "Learners": ["hybrid"]}}},
   "Contrasts": [{"Name": "rank", "ConditionList": ["rank"], "Weights": [1], "Test": "t"}]},
  {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
   "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
  {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": {"Permutations": 100, "Statistic": ["tfce"]}}},
   "DummyContrasts": {"Test": "t"}}]}
MODEL
run() { "$program" run study "$@" group --model model.json --shards 2 --log-level error; }
code=0
run local 2>/dev/null || code=$?
[ $code = 5 ] || die "the local call returned $code, not 5: one participant is broken"

# hold FOLDER JOB: takes the lock of a job, so that its task waits for it and can be killed while it runs.
hold() {
  mkdir -p "$1/logs/sociometer/locks"
  (exec 9>"$1/logs/sociometer/locks/$2.lock"; flock 9; exec sleep 600) &
  holder=$!
}
let_go() {
  kill "$holder"
  holder=
}
held=fit_node-subject_sub-05_task-social_space-MNI152NLin2009cAsym
hold out "$held"
run out --slurm --slurm-wait --slurm-memory 1G -j 1 >wait.log 2>&1 &
waiting=$!

shopt -s nullglob
records() { local files=(out/logs/sociometer/slurm/*/participants.json); [ ${#files[@]} = 1 ]; }
until_true 60 "the participants are submitted" records
array=$(sed -n 's/.*"slurm_id": "\([0-9]*\)".*/\1/p' out/logs/sociometer/slurm/*/participants.json)
lists=(out/logs/sociometer/slurm/*/participants-1.txt)
task=${array}_$(($(grep -nx "$held" "${lists[0]}" | cut -d: -f1) - 1))
state_of() { squeue --noheader --format=%T --jobs="$1" 2>/dev/null || true; }
is() { [ "$(state_of "$1")" = "$2" ]; }
waits_for_lock() { grep -q 'another process does it' "out/logs/sociometer/messages/$held.log" 2>/dev/null; }
until_true 60 "task $task waits for the lock" waits_for_lock

# Nothing new starts on a drained node; it comes back later.
node=$(squeue --noheader --format=%N --jobs="$task")
scontrol update nodename="$node" state=drain reason=test
scontrol requeue "$task"
until_true 20 "task $task is pending" is "$task" PENDING
drained() { [ "$(sinfo --noheader --nodes="$node" --format=%T)" = drained ]; }
until_true 30 "$node is drained" drained
others_are_done() { [ "$(squeue --noheader --array --format=%i --jobs="$array" | wc -l)" = 1 ]; }
until_true 60 "the other participants are done" others_are_done
[ ! -e out/node-subject/sub-05 ] || die "sub-05 was done though its lock was held"
[ ! -e out/node-dataset ] || die "the group did not wait for the task that was requeued"
"$program" status out >status.log || true
grep -q "$held.*running" status.log || die "status does not say that $held is being done"
let_go
scontrol update nodename="$node" state=resume
code=0
wait $waiting || code=$?
[ $code = 5 ] || { cat wait.log; die "--slurm-wait returned $code, not 5"; }

same_maps() {
  local file n=0
  diff <(cd local && find node-* -name '*.nii.gz' | sort) <(cd "$1" && find node-* -name '*.nii.gz' | sort) \
    || die "other maps than those of the local call"
  while IFS= read -r file; do
    cmp <(zcat "local/$file") <(zcat "$1/$file") || die "$file differs from the local call's"
    n=$((n + 1))
  done < <(cd local && find node-* -name '*.nii.gz')
  [ $n -gt 20 ] || die "only $n maps"
  echo "$n maps have the bytes of the local call"
}
same_maps out
diff <(cut -f1-3 local/logs/sociometer/failures.tsv) <(cut -f1-3 out/logs/sociometer/failures.tsv) \
  || die "other failures"
code=0
"$program" status out >status.log || code=$?
[ $code = 5 ] || die "status returned $code, not 5"
[ "$(grep -c '^fit_node-subject.* done ' status.log)" = 7 ] || { cat status.log; die "not 7 participants are done"; }
grep -q '^fit_node-subject_sub-08.* failed .*truncated' status.log \
  || die "status does not say what is wrong with sub-08"
grep -q 'run --slurm of .* ended at' status.log || die "status does not say that the study has ended"
grep -q 'DUE TO JOB REQUEUE' out/logs/sociometer/slurm/*/participants-1_*.log || die "no task was requeued"
[ "$(grep -c "\"event\":\"done\",\"job\":\"$held\"" out/logs/sociometer/log.jsonl)" = 1 ] \
  || die "$held was not done once"
[ -z "$(ls -A "$HOME")" ] || die "something was written into the home directory"
tail -n 1 status.log

# A planner that is cancelled: who waits is told, and the same call goes on.
hold lost learn
run lost --slurm --slurm-wait --slurm-memory 1G -j 1 >lost.log 2>&1 &
waiting=$!
planned() { local files=(lost/logs/sociometer/slurm/*/learning.planner); [ ${#files[@]} = 1 ]; }
until_true 60 "the planner of the study is submitted" planned
scancel "$(cat lost/logs/sociometer/slurm/*/learning.planner)"
let_go
code=0
wait $waiting || code=$?
[ $code = 3 ] && grep -q 'ended before the study did' lost.log \
  || { cat lost.log; die "a cancelled planner was not noticed: $code"; }
code=0
run lost --slurm --slurm-wait --slurm-memory 1G -j 1 >lost.log 2>&1 || code=$?
[ $code = 5 ] || { cat lost.log; die "the call after a cancelled planner returned $code, not 5"; }
same_maps lost
echo "slurm_test: one task requeued ($task), $node drained and resumed, sub-08 broken, a planner cancelled:" \
  "the rest as without Slurm"
