package io.embeddingoperator.openai.simulator;

import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.account.Model;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is simulated.
 *
 * @param address where it listens, an address of this machine
 * @param port 0 for any free one
 * @param limits of each organisation for each model
 * @param latency before each reply with vectors, in real time
 * @param folder where files are kept; without it a temporary one that is deleted at the end
 */
public record SimulatorSettings(
        Profile profile,
        String address,
        int port,
        List<Account> accounts,
        List<Model> models,
        ModelLimits limits,
        QueueLimits queue,
        BatchTiming timing,
        Duration latency,
        SimulatorClock clock,
        Optional<Path> folder) {
    private static final long REQUESTS_PER_MINUTE = 10_000;
    private static final long TOKENS_PER_MINUTE = 10_000_000;

    public SimulatorSettings {
        accounts = List.copyOf(accounts);
        models = List.copyOf(models);
        if (models.isEmpty() || accounts.isEmpty()) {
            throw new IllegalArgumentException("a simulator needs at least one account and one model");
        }
    }

    /** OpenAI for one large account, on any free port of the loopback, in real time. */
    public static SimulatorSettings defaults() {
        return new SimulatorSettings(
                Profile.OPENAI,
                "127.0.0.1",
                0,
                List.of(Account.DEFAULT),
                Model.OPENAI,
                ModelLimits.perMinute(REQUESTS_PER_MINUTE, TOKENS_PER_MINUTE),
                QueueLimits.DEFAULT,
                BatchTiming.DEFAULT,
                Duration.ZERO,
                SimulatorClock.running(Instant.now(), 1),
                Optional.empty());
    }

    public SimulatorSettings withProfile(Profile changed) {
        return new SimulatorSettings(
                changed, address, port, accounts, models, limits, queue, timing, latency, clock, folder);
    }

    public SimulatorSettings withAddress(String changed) {
        return new SimulatorSettings(
                profile, changed, port, accounts, models, limits, queue, timing, latency, clock, folder);
    }

    public SimulatorSettings withPort(int changed) {
        return new SimulatorSettings(
                profile, address, changed, accounts, models, limits, queue, timing, latency, clock, folder);
    }

    public SimulatorSettings withAccounts(Account... changed) {
        return new SimulatorSettings(
                profile, address, port, List.of(changed), models, limits, queue, timing, latency, clock, folder);
    }

    public SimulatorSettings withModels(Model... changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, List.of(changed), limits, queue, timing, latency, clock, folder);
    }

    public SimulatorSettings withLimits(ModelLimits changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, models, changed, queue, timing, latency, clock, folder);
    }

    public SimulatorSettings withQueue(QueueLimits changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, models, limits, changed, timing, latency, clock, folder);
    }

    public SimulatorSettings withTiming(BatchTiming changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, models, limits, queue, changed, latency, clock, folder);
    }

    public SimulatorSettings withLatency(Duration changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, models, limits, queue, timing, changed, clock, folder);
    }

    public SimulatorSettings withClock(SimulatorClock changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, models, limits, queue, timing, latency, changed, folder);
    }

    public SimulatorSettings withFolder(Path changed) {
        return new SimulatorSettings(
                profile, address, port, accounts, models, limits, queue, timing, latency, clock, Optional.of(changed));
    }
}
