package io.embeddingoperator.openai.simulator;

import io.embeddingoperator.openai.simulator.batch.Batches;
import io.embeddingoperator.openai.simulator.fault.Faults;
import io.embeddingoperator.openai.simulator.file.StoredFile;
import io.embeddingoperator.openai.simulator.http.Simulation;
import io.embeddingoperator.openai.simulator.http.SimulatorServer;
import io.embeddingoperator.openai.simulator.ledger.Ledger;
import io.embeddingoperator.openai.simulator.ledger.Statuses;
import io.embeddingoperator.openai.simulator.ledger.Violation;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * OpenAI's embeddings, files and batches on this machine: its limits, its errors, its prices, and on demand its faults. For
 * tests and demonstrations.
 */
public final class OpenAiSimulator implements AutoCloseable {
    private final Simulation simulation;
    private final SimulatorServer server;
    private final Path folder;

    private OpenAiSimulator(SimulatorSettings settings, Path folder) {
        this.simulation = new Simulation(settings, folder);
        this.server = new SimulatorServer(simulation);
        this.folder = folder;
    }

    public static OpenAiSimulator start(SimulatorSettings settings) {
        try {
            Path folder = settings.folder().isPresent()
                    ? Files.createTempDirectory(settings.folder().get(), "simulator-")
                    : Files.createTempDirectory("openai-simulator-");
            return new OpenAiSimulator(settings, folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the simulator has no folder for its files", e);
        }
    }

    /** What a client is given as its base URL: {@code http://127.0.0.1:port/v1} for OpenAI, where nothing else was set. */
    public URI baseUri() {
        return root().resolve(simulation.settings().profile().prefix());
    }

    /** The server itself: Azure's deployments and {@code /simulator/…} are found under it. */
    public URI root() {
        return URI.create("http://%s:%d/".formatted(simulation.settings().address(), server.port()));
    }

    public SimulatorClock clock() {
        return simulation.settings().clock();
    }

    public Faults faults() {
        return simulation.faults();
    }

    /** What was charged until now, by batches too. */
    public Ledger ledger() {
        simulation.batches().pass(simulation.now());
        return simulation.ledger();
    }

    /** All batches that were ever created, oldest first. */
    public List<Batches.Standing> batches() {
        return simulation.batches().all(simulation.now());
    }

    /** The files that are there now, oldest first. */
    public List<StoredFile> files() {
        simulation.batches().pass(simulation.now());
        return simulation.files().all(simulation.now());
    }

    /** Rules that clients could have kept and did not. */
    public List<Violation> violations() {
        return simulation.violations().all();
    }

    public Statuses statuses() {
        return simulation.statuses();
    }

    /** What an organisation has left for a model. */
    public RateLimiter limiter(String organization, String model) {
        return simulation.limiter(organization, model);
    }

    /** From now on other limits, for every organisation and model. */
    public void limit(ModelLimits limits) {
        simulation.limit(limits);
    }

    /** From now on so much may wait in batches. */
    public void limit(QueueLimits limits) {
        simulation.batches().limit(limits);
    }

    /** From now on another key opens what this one did, which opens nothing any more. */
    public void rotate(String key, String other) {
        simulation.rotate(key, other);
    }

    public ModelLimits limits() {
        return simulation.limits();
    }

    @Override
    public void close() {
        server.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the simulator's folder " + folder + " cannot be deleted", e);
        }
    }
}
