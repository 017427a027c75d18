package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.progress.Movement;
import io.embeddingoperator.runner.progress.ProgressServer;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of a run from the moment at which the process begins, over HTTP where it is asked: a model is loaded, locks are waited
 * for and the source is divided before there are any numbers, and each of it may take long. Until there are, the log says what
 * is waited for; from then on the displays do.
 */
final class Announcement implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcement.class);

    private final Manifest manifest;
    private final RunnerEnvironment environment;
    private final Movement movement = new Movement(Activities.ofThisProcess(), System::nanoTime);
    private final WaitingLog waiting = WaitingLog.begin("not planned yet", movement);
    private volatile Supplier<Progress> progress = this::planning;
    private volatile Supplier<String> metrics = () -> "";
    private Optional<ProgressServer> server = Optional.empty();

    private Announcement(Manifest manifest, RunnerEnvironment environment) {
        this.manifest = manifest;
        this.environment = environment;
    }

    static Announcement begin(Manifest manifest, RunnerEnvironment environment) {
        Announcement announcement = new Announcement(manifest, environment);
        announcement.server = environment
                .progressAddress()
                .map(address -> ProgressServer.start(
                        address, () -> announcement.progress.get(), () -> announcement.metrics.get()));
        announcement.server.ifPresent(
                open -> LOG.info("port {} answers /progress, /metrics and /healthz", open.port()));
        return announcement;
    }

    /** From now on there are numbers. */
    void planned(ProgressTracker tracker, RunnerMetrics numbers) {
        waiting.close();
        progress = tracker::snapshot;
        metrics = numbers::scrape;
    }

    private Progress planning() {
        return Progress.planning(
                environment.process(manifest), movement.missing().orElse(null));
    }

    @Override
    public void close() {
        waiting.close();
        server.ifPresent(ProgressServer::close);
    }
}
