package io.embeddingoperator.bench.scale;

import io.embeddingoperator.cluster.process.BoundProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged operator as a process of its own, seen from outside: what it takes and what it says of itself. */
final class OperatorProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final URI address;
    private final HttpClient http = HttpClient.newHttpClient();

    private OperatorProcess(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts it.
     *
     * @param launcher of the application, as the image has it
     * @param environment all of its settings, as the chart gives them
     * @param address where its port is opened
     * @param log what it says is appended here
     */
    static OperatorProcess start(Path launcher, Map<String, String> environment, String address, Path log) {
        try {
            Process process = BoundProcess.start(List.of(launcher.toString()), builder -> {
                builder.environment().putAll(environment);
                builder.redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            });
            return new OperatorProcess(
                    process, URI.create("http://%s:%s".formatted(address, environment.get("OPERATOR_HTTP_PORT"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when it has listed everything that it watches. */
    void awaitReady() {
        Instant end = Instant.now().plus(PATIENCE);
        while (!isReady()) {
            if (!process.isAlive() || Instant.now().isAfter(end)) {
                throw new IllegalStateException("the operator is not ready; its log tells why");
            }
            Waiting.pause(Duration.ofMillis(100));
        }
    }

    /** What it has used of the processors since it was started. */
    Duration cpu() {
        return process.toHandle()
                .info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("the operator has ended; its log tells why"));
    }

    /** The most memory that it had at once, in MiB. */
    double peakMemory() {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What lives on its heap, in MiB: after a collection that is asked for. */
    double liveHeap() {
        try {
            Process collecting = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(process.pid()),
                            "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (collecting.waitFor() != 0) {
                throw new IllegalStateException("jcmd cannot ask the operator for a collection");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return metric("jvm_memory_used_bytes{area=\"heap\"") / (1 << 20);
    }

    /** The sum of all series whose line begins so. */
    double metric(String prefix) {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** As Kubernetes ends it for an update. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }

    private boolean isReady() {
        try {
            return get("/readyz").statusCode() == 200;
        } catch (UncheckedIOException e) {
            // It has not opened its port yet.
            return false;
        }
    }

    private HttpResponse<String> get(String path) {
        try {
            return http.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
