package io.embeddingoperator.openai.simulator.command;

import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts the simulator by hand. */
@Command(
        name = "openai-simulator",
        mixinStandardHelpOptions = true,
        description = "Serves OpenAI's embeddings, files and batches on this machine, with its limits and prices.")
public final class OpenAiSimulatorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--port", defaultValue = "8089", description = "0 for any free one; default ${DEFAULT-VALUE}")
    private int port;

    @Option(names = "--profile", defaultValue = "OPENAI", description = "${COMPLETION-CANDIDATES}")
    private Profile profile;

    @Option(names = "--key", defaultValue = "sk-simulator", description = "the API key; default ${DEFAULT-VALUE}")
    private String key;

    @Option(names = "--requests-per-minute", defaultValue = "3000", description = "default ${DEFAULT-VALUE}")
    private long requestsPerMinute;

    @Option(names = "--tokens-per-minute", defaultValue = "1000000", description = "default ${DEFAULT-VALUE}")
    private long tokensPerMinute;

    @Option(
            names = "--ramp",
            description =
                    "answer slow_down where traffic above 1,000,000 tokens a minute grows by more than half in 15 minutes")
    private boolean ramp;

    @Option(names = "--enqueued-tokens", defaultValue = "3000000", description = "in batches; default ${DEFAULT-VALUE}")
    private long enqueuedTokens;

    @Option(
            names = "--batch-seconds",
            defaultValue = "120",
            description = "how long a batch is at work, in the simulator's time; default ${DEFAULT-VALUE}")
    private long batchSeconds;

    @Option(
            names = "--latency",
            defaultValue = "50",
            description = "milliseconds before a reply; default ${DEFAULT-VALUE}")
    private long latency;

    @Option(names = "--speed", defaultValue = "1", description = "of the simulator's clock; default ${DEFAULT-VALUE}")
    private double speed;

    static void main(String[] arguments) {
        System.exit(new CommandLine(new OpenAiSimulatorCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        SimulatorSettings settings = SimulatorSettings.defaults()
                .withPort(port)
                .withProfile(profile)
                .withAccounts(Account.DEFAULT.withKey(key))
                .withLimits(ModelLimits.perMinute(requestsPerMinute, tokensPerMinute)
                        .withRamp(ramp))
                .withQueue(new QueueLimits(enqueuedTokens, QueueLimits.DEFAULT.requests()))
                .withTiming(new BatchTiming(
                        BatchTiming.DEFAULT.validating(),
                        Duration.ofSeconds(batchSeconds),
                        BatchTiming.DEFAULT.finalizing(),
                        BatchTiming.DEFAULT.cancelling()))
                .withLatency(Duration.ofMillis(latency))
                .withClock(SimulatorClock.running(Instant.now(), speed));
        OpenAiSimulator simulator = OpenAiSimulator.start(settings);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            simulator.close();
            stopped.countDown();
        }));
        PrintWriter out = spec.commandLine().getOut();
        out.printf("""
                The simulator of OpenAI is ready; Ctrl-C ends it. In the manifest:

                  openai:
                    baseUrl: %1$s

                and for the runner:

                  export EMBEDDING_OPENAI_API_KEY=%2$s

                What it has billed:  curl %3$ssimulator/ledger
                Rules broken:        curl %3$ssimulator/violations
                Halve the limits:    curl %3$ssimulator/limits -d '{"times": 0.5}'
                An hour later:       curl %3$ssimulator/clock -d '{"advanceSeconds": 3600}'
                Let something fail:  curl %3$ssimulator/faults -d \\
                    '{"endpoint": "EMBEDDINGS", "from": 1, "to": 3, "fault": {"kind": "Answer", "status": 500, "message": "down"}}'
                """, simulator.baseUri(), key, simulator.root());
        out.flush();
        stopped.await();
        return 0;
    }
}
