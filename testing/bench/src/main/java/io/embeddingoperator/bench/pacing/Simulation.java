package io.embeddingoperator.bench.pacing;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.random.RandomGeneratorFactory;

/** Ten minutes of an account in virtual time: the same seed gives the same minutes. */
final class Simulation {
    /** Pods do not start at the same moment. */
    private static final Duration STARTING = Duration.ofSeconds(2);

    private Simulation() {}

    /** The clients that share the account. */
    @FunctionalInterface
    interface Clients {
        Client create(Timeline timeline, Account account, Packing packing, int process, RandomGenerator random);
    }

    static Recording run(Scenario scenario, Clients clients, long seed) {
        SplittableGenerator random = RandomGeneratorFactory.<SplittableGenerator>of("L64X128MixRandom")
                .create(seed);
        Timeline timeline = new Timeline();
        Account account = new Account(timeline, scenario, random.split());
        for (int process = 0; process < scenario.processes() + scenario.latecomers(); process++) {
            Packing packing = new Packing(scenario.texts(), scenario.requestTexts(), random.split());
            Client client = clients.create(timeline, account, packing, process, random.split());
            Duration start = process < scenario.processes() ? Duration.ZERO : Scenario.LATE;
            timeline.in(start.toNanos() + random.nextLong(STARTING.toNanos()), client::start);
        }
        timeline.run(Scenario.LENGTH);
        return account.recording();
    }
}
