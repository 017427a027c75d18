package io.embeddingoperator.openai.simulator;

import io.embeddingoperator.openai.simulator.fault.Faults;
import io.embeddingoperator.openai.simulator.http.Simulation;
import io.embeddingoperator.openai.simulator.http.SimulatorServer;
import io.embeddingoperator.openai.simulator.ledger.Ledger;
import io.embeddingoperator.openai.simulator.ledger.Statuses;
import io.embeddingoperator.openai.simulator.ledger.Violation;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.net.URI;
import java.util.List;

/**
 * OpenAI's embeddings, files and batches on this machine: its limits, its errors, its prices, and on demand its faults. For
 * tests and demonstrations.
 */
public final class OpenAiSimulator implements AutoCloseable {
    private final Simulation simulation;
    private final SimulatorServer server;

    private OpenAiSimulator(Simulation simulation) {
        this.simulation = simulation;
        this.server = new SimulatorServer(simulation);
    }

    public static OpenAiSimulator start(SimulatorSettings settings) {
        return new OpenAiSimulator(new Simulation(settings));
    }

    /** What a client is given as its base URL: {@code http://127.0.0.1:port/v1} for OpenAI. */
    public URI baseUri() {
        return root().resolve(simulation.settings().profile().prefix());
    }

    /** The server itself: Azure's deployments and {@code /simulator/…} are found under it. */
    public URI root() {
        return URI.create("http://127.0.0.1:" + server.port() + "/");
    }

    public SimulatorClock clock() {
        return simulation.settings().clock();
    }

    public Faults faults() {
        return simulation.faults();
    }

    public Ledger ledger() {
        return simulation.ledger();
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

    public ModelLimits limits() {
        return simulation.limits();
    }

    @Override
    public void close() {
        server.close();
    }
}
