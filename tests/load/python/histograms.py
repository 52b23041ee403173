# Reads a result of `esp-https load` and its --hgrm and --hlog with HdrHistogram's own Python package, and prints what it has read
# as JSON. Usage: histograms.py RESULT HLOG
import io, json, sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

def figures(histogram):
    return {
        "count": histogram.get_total_count(),
        "min_us": histogram.get_min_value(),
        "p50_us": histogram.get_value_at_percentile(50),
        "p90_us": histogram.get_value_at_percentile(90),
        "p99_us": histogram.get_value_at_percentile(99),
        "p99_9_us": histogram.get_value_at_percentile(99.9),
        "max_us": histogram.get_max_value(),
    }

with open(sys.argv[1], encoding="utf-8") as file:
    latency = json.load(file)["result"]["latency"]
phases = {name: HdrHistogram.decode(phase["hdr_v2"]) for name, phase in latency.items() if phase}
distribution = io.BytesIO()
phases["total"].output_percentile_distribution(distribution, 1000.0)
reader, logged = HistogramLogReader(sys.argv[2], HdrHistogram(1, 3600000000, 3)), []
while (histogram := reader.get_next_interval_histogram()) is not None:
    logged.append({"tag": histogram.get_tag(), "from_ms": histogram.get_start_time_stamp(),
                   "to_ms": histogram.get_end_time_stamp(), **figures(histogram)})
print(json.dumps({
    "phases": {name: figures(histogram) for name, histogram in phases.items()},
    "distribution": distribution.getvalue().decode(),
    # The counts of recorded values up to each of them.
    "cumulative": [["%.3f" % (step.value_iterated_to / 1000.0), step.total_count_to_this_value]
                   for step in phases["total"].get_recorded_iterator()],
    "logged": logged,
}))
