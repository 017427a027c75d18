package io.embeddingoperator.bench.pacing;

import io.embeddingoperator.openai.simulator.limit.Admission;
import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The server's side: the limiter of the simulator, behind a network and a model that take their time. */
final class Account {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final double NANOS = 1e9;

    private final Timeline timeline;
    private final Scenario scenario;
    private final RandomGenerator random;
    private final RateLimiter limiter;
    private final Recording recording;

    Account(Timeline timeline, Scenario scenario, RandomGenerator random) {
        this.timeline = timeline;
        this.scenario = scenario;
        this.random = random;
        this.limiter = new RateLimiter("org-simulated", "text-embedding-3-small", scenario.limits(), START);
        this.recording = new Recording(Scenario.LENGTH, scenario.processes() + scenario.latecomers());
        scenario.changes()
                .forEach(change -> timeline.in(change.at().toNanos(), () -> {
                    ModelLimits changed = scenario.limits().times(change.factor());
                    limiter.change(now(), changed);
                }));
        observe();
    }

    Recording recording() {
        return recording;
    }

    /** Sends a request; its reply comes later. */
    void request(int process, int texts, long tokens, Consumer<Answer> onAnswer) {
        timeline.in(oneWay(), () -> {
            Admission admission = limiter.admit(now(), tokens);
            boolean admitted = admission instanceof Admission.Admitted;
            recording.request(timeline.now(), process, tokens, admitted);
            Answer answer = answer(admission);
            timeline.in((admitted ? modelTime(tokens) : 0) + oneWay(), () -> onAnswer.accept(answer));
        });
    }

    private Answer answer(Admission admission) {
        HeaderForm form = random.nextDouble() < scenario.headerless() ? HeaderForm.NONE : scenario.form();
        Map<String, String> headers = new HashMap<>(admission.quota().headers(form));
        return switch (admission) {
            case Admission.Admitted _ -> new Answer(200, headers, "");
            case Admission.Refused refused -> {
                headers.put("retry-after", Long.toString(refused.retryAfterSeconds()));
                yield new Answer(429, headers, refused.code());
            }
        };
    }

    /** What is left, every tenth of a second: for the plot. */
    private void observe() {
        ModelLimits limits = limiter.limits();
        recording.level(
                timeline.now(),
                limiter.quota(now()).tokens().remaining(),
                limits.tokens().amount(),
                limits.requests().amount());
        timeline.in(Recording.BIN.toNanos(), this::observe);
    }

    private Instant now() {
        return START.plusNanos(timeline.now());
    }

    private long oneWay() {
        return Duration.ofMillis(random.nextInt(10, 40)).toNanos();
    }

    /** A quarter of a second more or less, longer for large requests, and now and then much longer. */
    private long modelTime(long tokens) {
        double seconds = 0.25 * Math.exp(0.5 * random.nextGaussian()) + tokens / 200_000.0;
        double trouble = random.nextDouble() < 0.01 ? 5 : 1;
        return (long) (seconds * trouble * NANOS);
    }

    /** The part of a reply that clients use to pace themselves. */
    record Answer(int status, Map<String, String> headers, String code) {}
}
