#!/bin/bash
# The jobs of the README under Slurm, on a small case: as many nodes as there are, up to two. TMPDIR is a folder that all of
# them see.
. "$(dirname "$0")/../pipeline/lib.sh"
command -v sbatch >/dev/null && sinfo -h >/dev/null 2>&1 || { skip "there is no Slurm" && finish; }
nodes=$(sinfo -h -t idle -o %D | awk '{n += $1} END {print (n > 1 ? 2 : n + 0)}')
((nodes)) || { skip "no node is idle" && finish; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 CAUDA

# job NAME COMMAND...: NAME.sh with two tasks; as the README's, with less of all
job() {
  local name=$1
  shift
  printf '#!/bin/sh\n#SBATCH --nodes=%d --ntasks=2 --cpus-per-task=1 --mem=0\n%s\n' $nodes "$*" >"$name.sh"
}
submit() { timeout 600 sbatch --wait -o "$1.log" "$1.sh" >/dev/null 2>.err || { cat "$1.log" >>.err && false; }; }
same_ranking() { cmp <(cut -d, -f1-3 one/ranking.csv) <(cut -d, -f1-3 "$1/ranking.csv"); }

coarse_phantom case
sed -i 's/tolerance: 1e-6/tolerance: 1e-9/' case/case.yaml
holds "one process" cauda run case/case.yaml -o one --quiet
options='case/case.yaml --threads $SLURM_CPUS_PER_TASK'
job mpirun 'mpirun --map-by slot:PE=$SLURM_CPUS_PER_TASK "$CAUDA" run' "$options" -o mpirun
job srun 'srun --mpi=pmix --cpus-per-task=$SLURM_CPUS_PER_TASK "$CAUDA" run' "$options" -o srun
for how in mpirun srun; do
  submit $how
  result $? "$how on $nodes nodes"
  holds "two ranks" grep -q '"ranks": *2' $how/report.json
  holds "the same ranking" same_ranking $how
done
job strangers 'srun "$CAUDA" mesh case/case.yaml -o strangers'
submit strangers
result $((($? == 0) ? 1 : 0)) "tasks that do not know of each other end"
holds "with one message" [ "$(grep -c '^cauda: srun started 2 tasks' strangers.log)" = 1 ]
holds "and do nothing" [ ! -e strangers ]
job alone 'srun --nodes=1 --ntasks=1 "$CAUDA" mesh case/case.yaml -o alone'
submit alone
result $? "one task of srun is one process"

cat >array.sh <<'END'
#!/bin/sh
#SBATCH --array=1-3 --ntasks=1 --cpus-per-task=1 --mem=1G
subject=sub-$(printf %02d $SLURM_ARRAY_TASK_ID)
"$CAUDA" run cases/$subject/case.yaml --input data/$subject -o out/$subject --threads $SLURM_CPUS_PER_TASK
END
for subject in sub-01 sub-02 sub-03; do
  mkdir -p cases data/$subject
  cp -r case cases/$subject
  sed -i "s/^name: .*/name: $subject/" cases/$subject/case.yaml
done
submit array
result $? "an array of subjects"
for subject in sub-01 sub-02 sub-03; do holds "$subject is ranked" same_ranking out/$subject; done

sed 's/per_root: 5/per_root: 200, dt_us: 2/' case/case.yaml >case/many.yaml
job cancelled 'srun --mpi=pmix "$CAUDA" run case/many.yaml -o cancelled'
number=$(sbatch --parsable -o cancelled.log cancelled.sh)
for ((i = 0; i < 2400; i++)); do grep -qs '^cable model \.\.\.' cancelled.log && break || sleep 0.1; done
scancel "$number"
for ((i = 0; i < 600; i++)); do squeue -h -j "$number" 2>/dev/null | grep -q . && sleep 0.1 || break; done
holds "a job that is cancelled leaves no tmp file" no_tmp_files cancelled
holds "nor a ranking" [ ! -e cancelled/ranking.csv ]
submit cancelled
result $? "the same job again"
holds "goes on where it was" grep -q '^solve: up to date' cancelled.log
holds "to the end" [ -s cancelled/ranking.csv ]
finish
