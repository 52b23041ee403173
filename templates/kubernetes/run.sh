#!/bin/sh
# Loads the server of job.yaml from all pods at once, and adds their results up.
#
#     sh run.sh [SECONDS] [OPTIONS of esp-https load merge ..]
#     sh run.sh 120 --fail-if 'total.p99>500ms' --fail-if 'error_rate>0.001'
#
# SECONDS is how long from now the common start is: long enough for every pod to be scheduled and to have the image. A pod
# that comes too late says so and loads nothing; then there is no sum. The results of the pods stay in the folder results.
# It needs kubectl, with a context that may make Jobs, and esp-https.
set -eu
cd "$(dirname "$0")"

seconds=120
case "${1:-}" in
    "" | *[!0-9]*) ;;
    *) seconds=$1; shift ;;
esac
job=esp-https-load

kubectl delete job "$job" --ignore-not-found --wait
sed "s/START_AT/$(($(date +%s) + seconds))/" job.yaml | kubectl apply -f -
pods=$(kubectl get job "$job" -o 'jsonpath={.spec.completions}')
echo "$pods pods start in $seconds s .." >&2

ended=
while [ -z "$ended" ]; do
    sleep "${POLL_SECONDS:-5}"
    case " $(kubectl get job "$job" -o 'jsonpath={.status.conditions[*].type}') " in
        *" Complete "* | *" Failed "*) ended=1 ;;
    esac
done

# A pod prints its messages, and its document, whose first and last lines are a brace alone.
rm -rf results
mkdir results
index=0 missing=
while [ "$index" -lt "$pods" ]; do
    labels="batch.kubernetes.io/job-name=$job,batch.kubernetes.io/job-completion-index=$index"
    kubectl logs --selector "$labels" --tail -1 >"results/$index.log"
    sed -n '/^{$/,/^}$/p' "results/$index.log" >"results/$index.json"
    grep -q '"result": {' "results/$index.json" || missing="$missing $index"
    index=$((index + 1))
done
if [ -n "$missing" ]; then
    echo "there is no result of these pods, and so no sum:$missing" >&2
    for index in $missing; do tail -n 5 "results/$index.log" >&2; done
    exit 4
fi

exec esp-https load merge results/*.json "$@"
