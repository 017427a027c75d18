package io.embeddingoperator.bench;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A run through OpenAI's Batch API as its processes are: the runner's memory, and how fast it stores the results once they are
 * there, from the provider's bytes to the rows, against {@code psql \copy … binary} of these rows into an equal table.
 */
@Command(name = "batches", mixinStandardHelpOptions = true)
public final class BatchesBenchmark implements Callable<Integer> {
    private static final String KEY = "sk-benchmark";
    private static final Duration BATCH = Duration.ofHours(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final double MEGABYTE = 1024 * 1024;

    @Option(
            names = "--uri",
            required = true,
            description = "of a database whose vectors, batch_documents and runs are deleted")
    private String uri;

    @Option(names = "--psql", required = true, description = "path of psql")
    private Path psql;

    @Option(names = "--runner", required = true, description = "the command embedding-runner")
    private Path runner;

    @Option(names = "--simulator", required = true, description = "the command openai-simulator")
    private Path simulator;

    @Option(names = "--rows", defaultValue = "1000000", description = "documents (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(names = "--dimensions", defaultValue = "1536", description = "of a vector (default: ${DEFAULT-VALUE})")
    private int dimensions;

    @Option(names = "--shards", defaultValue = "1", description = "of the one runner (default: ${DEFAULT-VALUE})")
    private int shards;

    private final HttpClient http = HttpClient.newHttpClient();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BatchesBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("batches-bench");
        int simulatorPort = freePort();
        Process provider = start(List.of(
                simulator.toString(),
                "--port=" + simulatorPort,
                "--key=" + KEY,
                "--tokens-per-minute=1000000000",
                "--requests-per-minute=1000000",
                "--enqueued-tokens=4000000000",
                "--batch-seconds=" + BATCH.toSeconds(),
                "--latency=0"));
        try {
            createDocuments();
            measure(folder, "http://127.0.0.1:" + simulatorPort);
        } finally {
            provider.destroy();
            provider.waitFor();
        }
        return 0;
    }

    private void measure(Path folder, String provider) throws Exception {
        Path manifest = Files.writeString(folder.resolve("job.yaml"), manifest(provider));
        int port = freePort();
        Map<String, String> environment = Map.of(
                EnvironmentVariable.SOURCE_URI, uri,
                EnvironmentVariable.SINK_URI, uri,
                EnvironmentVariable.OPENAI_API_KEY, KEY,
                EnvironmentVariable.HTTP_PORT, Integer.toString(port));
        long began = System.nanoTime();
        Process run = start(List.of(runner.toString(), "run", "-f", manifest.toString()), environment);
        try {
            Watch watch = new Watch(run, URI.create("http://127.0.0.1:%d/progress".formatted(port)));
            watch.until(this::everythingIsHandedIn);
            double packing = SinkTable.secondsSince(began);
            long waitingMemory = watch.memoryNow();
            advance(provider);
            watch.until(progress -> progress.committed().documents().embedded() > 0);
            long first = watch.latest().committed().documents().embedded();
            long start = System.nanoTime();
            watch.until(progress -> progress.committed().documents().embedded() == rows);
            double importing = SinkTable.secondsSince(start);
            if (run.waitFor() != 0) {
                throw new IllegalStateException("the run failed");
            }
            double copying = copyWithPsql(folder);
            print(packing, (rows - first) / importing, rows / copying, waitingMemory, watch.peak());
        } finally {
            run.destroyForcibly();
        }
    }

    private boolean everythingIsHandedIn(Progress progress) {
        Progress.Whole whole = progress.whole();
        return whole != null
                && whole.batches() != null
                && progress.committed().work().done() == rows
                && whole.batches().inProgress() == whole.batches().submitted()
                && progress.waiting() != null
                && progress.waiting().reason() == Progress.Waiting.Reason.BatchesPending;
    }

    private void createDocuments() throws SQLException {
        new Server(uri)
                .execute(
                        "DROP SCHEMA IF EXISTS embedding_operator CASCADE",
                        "DROP TABLE IF EXISTS vectors, batch_documents",
                        "CREATE UNLOGGED TABLE batch_documents (id bigint PRIMARY KEY, body text)",
                        """
                        INSERT INTO batch_documents SELECT i, repeat(md5(i::text) || ' the river runs low and the old house is near ', 6)
                        FROM generate_series(1, %d) i""".formatted(rows),
                        "VACUUM ANALYZE batch_documents",
                        "CHECKPOINT");
    }

    private String manifest(String provider) {
        return """
                apiVersion: embedding-operator.io/v1alpha1
                kind: EmbeddingJob
                metadata: {name: batches}
                spec:
                  source:
                    postgres:
                      connection: {secretKeyRef: {name: source, key: uri}}
                      table: public.batch_documents
                      keyColumn: id
                      textColumns: [body]
                  chunking: {strategy: None}
                  embedder:
                    openai:
                      model: text-embedding-3-small
                      dimensions: %d
                      baseUrl: %s/v1
                      apiKey: {secretKeyRef: {name: openai, key: apiKey}}
                      mode: Batch
                  sink:
                    pgvector:
                      connection: {secretKeyRef: {name: sink, key: uri}}
                      table: public.vectors
                      index: {type: None}
                  sharding: {shards: %d, parallelism: 1}
                """.formatted(dimensions, provider, shards);
    }

    /** Lets all batches be done at once. */
    private void advance(String provider) throws IOException, InterruptedException {
        HttpResponse<String> reply = http.send(
                HttpRequest.newBuilder(URI.create(provider + "/simulator/clock"))
                        .POST(HttpRequest.BodyPublishers.ofString("{\"advanceSeconds\": %d}"
                                .formatted(BATCH.plusMinutes(10).toSeconds())))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (reply.statusCode() / 100 != 2) {
            throw new IllegalStateException(
                    "the simulator's clock answers %d: %s".formatted(reply.statusCode(), reply.body()));
        }
    }

    /** The same rows into an equal table. */
    private double copyWithPsql(Path folder) throws IOException, InterruptedException, SQLException {
        Path file = folder.resolve("rows.binary");
        psql("\\copy vectors to '%s' with (format binary)".formatted(file));
        new Server(uri).execute("TRUNCATE vectors", "CHECKPOINT");
        long start = System.nanoTime();
        psql("\\copy vectors from '%s' with (format binary)".formatted(file));
        double seconds = SinkTable.secondsSince(start);
        Files.delete(file);
        return seconds;
    }

    private void psql(String command) throws IOException, InterruptedException {
        if (start(List.of(psql.toString(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, uri))
                        .waitFor()
                != 0) {
            throw new IllegalStateException("psql failed");
        }
    }

    private static Process start(List<String> command) throws IOException {
        return start(command, Map.of());
    }

    private static Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder process = new ProcessBuilder(new ArrayList<>(command));
        process.environment().putAll(environment);
        // Its own words go to the terminal; this program's output is the report.
        process.redirectOutput(ProcessBuilder.Redirect.appendTo(new File("/dev/stderr")));
        process.redirectError(ProcessBuilder.Redirect.INHERIT);
        return process.start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void print(double packing, double imported, double copied, long waitingMemory, long peak) {
        System.out.printf(
                Locale.ROOT,
                """
                ## A million embeddings through batches

                %,d documents of one text and %,d dimensions, one runner with %d shards, against the simulator on the same cores, which makes up
                the vectors and serves the files. Storing begins with the bytes of the results and ends with the last row; `psql` copies
                a ready-made file of the same rows into the same table. One run.

                | | |
                |---|---|
                | reading, tokenizing, packing, uploading, until the last batch is handed in | %,.0f s, %,.0f documents/s |
                | storing the results | %,.0f rows/s |
                | `psql \\copy … binary` | %,.0f rows/s |
                | resident memory while all batches are at work | %,.0f MB |
                | peak of the resident memory | %,.0f MB |
                """,
                rows,
                dimensions,
                shards,
                packing,
                rows / packing,
                imported,
                copied,
                waitingMemory / MEGABYTE,
                peak / MEGABYTE);
        double ratio = imported / copied;
        Goal.print(List.of(new Goal(
                "storing results as they come from the provider, against psql", 0.7, Spread.of(List.of(ratio)))));
    }

    /** What a run tells while it is under way. */
    private interface Condition {
        boolean holds(Progress progress);
    }

    /** Looks at a run twice a second. */
    private final class Watch {
        private final Process run;
        private final URI progress;
        private long peak;
        private @Nullable Progress latest;

        Watch(Process run, URI progress) {
            this.run = run;
            this.progress = progress;
        }

        void until(Condition condition) throws InterruptedException {
            while (true) {
                Optional<Progress> now = look();
                if (now.isPresent() && condition.holds(now.get())) {
                    latest = now.get();
                    return;
                }
                if (!run.isAlive()) {
                    if (run.exitValue() == 0) {
                        return;
                    }
                    throw new IllegalStateException("the run ended early, with %d".formatted(run.exitValue()));
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
        }

        Progress latest() {
            return Objects.requireNonNull(latest, "the run ended before it was looked at");
        }

        long peak() {
            return peak;
        }

        long memoryNow() throws IOException {
            return status("VmRSS");
        }

        private Optional<Progress> look() throws InterruptedException {
            try {
                peak = Math.max(peak, status("VmHWM"));
                return Optional.of(TerminationMessage.read(
                        http.send(HttpRequest.newBuilder(progress).build(), HttpResponse.BodyHandlers.ofString())
                                .body()));
            } catch (IOException e) {
                // Not up yet, or just gone.
                return Optional.empty();
            }
        }

        private long status(String name) throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/%d/status".formatted(run.pid())))) {
                if (line.startsWith(name + ":")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
            return 0;
        }
    }
}
