package io.embeddingoperator.bench.pacing;

import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import java.time.Duration;
import java.util.List;

/** What is simulated. */
final class Scenarios {
    static final int[] PROCESSES = {1, 8, 64};
    static final Duration HALVED = Duration.ofMinutes(4);
    static final Duration DOUBLED = Duration.ofMinutes(7);

    private static final ModelLimits SMALL = ModelLimits.perMinute(3_000, 1_000_000);
    private static final ModelLimits LARGE = ModelLimits.perMinute(10_000, 10_000_000);
    private static final ModelLimits TEN_SECONDS =
            SMALL.withRequests(SMALL.requests().enforcedOver(Duration.ofSeconds(10)));
    private static final int FEW_TEXTS = 8;

    private Scenarios() {}

    /** Of which the bounds are asked. */
    static List<Scenario> bound(int processes) {
        return List.of(
                Scenario.of("3,000 requests and 1M tokens a minute", processes, SMALL),
                Scenario.of("10,000 requests and 10M tokens a minute", processes, LARGE),
                halvedAndDoubled(processes),
                Scenario.of("one more process at 4:00", processes, SMALL).withLatecomers(1),
                Scenario.of("short texts, 8 a request: requests are what is short", processes, SMALL)
                        .with(Texts.SHORT, FEW_TEXTS, Scenario.Binding.REQUESTS),
                Scenario.of("long texts of 2,000 to 8,191 tokens", processes, SMALL)
                        .with(Texts.LONG, 2_048, Scenario.Binding.TOKENS),
                Scenario.of("30 % of the replies without headers", processes, SMALL)
                        .headerless(0.3),
                Scenario.of("Azure: whole seconds, requests enforced over 10 s", processes, TEN_SECONDS)
                        .with(HeaderForm.AZURE),
                Scenario.of("the same with short texts: requests are what is short", processes, TEN_SECONDS)
                        .with(HeaderForm.AZURE)
                        .with(Texts.SHORT, FEW_TEXTS, Scenario.Binding.REQUESTS));
    }

    /** In which others send as they like, or the server does not tell what it enforces: for these the bounds cannot be kept. */
    static List<Scenario> beyond(int processes) {
        ModelLimits oneSecond = SMALL.withRequests(SMALL.requests().enforcedOver(Duration.ofSeconds(1)));
        return List.of(
                Scenario.of("requests enforced over 10 s, which no header tells", processes, TEN_SECONDS)
                        .with(Texts.SHORT, FEW_TEXTS, Scenario.Binding.REQUESTS),
                Scenario.of("requests enforced over 1 s, which no header tells", processes, oneSecond)
                        .with(Texts.SHORT, FEW_TEXTS, Scenario.Binding.REQUESTS),
                Scenario.of("slow_down above 1.5M tokens a minute, of a limit of 10M", processes, LARGE.withRamp(true)),
                Scenario.of("60 requests and 10,000 tokens a minute", processes, ModelLimits.perMinute(60, 10_000)));
    }

    /** In which the runner is compared with others. */
    static Scenario halvedAndDoubled(int processes) {
        return Scenario.of("the limit halves at 4:00 and doubles at 7:00", processes, SMALL)
                .with(new Scenario.Change(HALVED, 0.5), new Scenario.Change(DOUBLED, 1));
    }
}
