package io.embeddingoperator.operator.observe;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The progress of runner pods as something that changes outside of Kubernetes. No reconciliation waits for a pod: it takes the last
 * answers and has the pods asked again in the background; new answers bring the next reconciliation.
 */
public final class ProgressEventSource extends AbstractEventSource<Progress, EmbeddingJob>
        implements ResourceEventAware<EmbeddingJob> {
    /** The last answer of a pod counts for so many rounds. */
    private static final int ROUNDS_REMEMBERED = 3;

    /**
     * Jobs whose pods are asked in a second, of all jobs together. Each of them brings a status to write, which costs the API
     * server a few milliseconds: so many are nothing to it, and a thousand jobs still have numbers of the last 20 seconds.
     */
    private static final int ROUNDS_PER_SECOND = 50;

    private final ProgressClient client;
    private final Duration shortest;
    private final Clock clock;
    private final Map<ResourceID, Round> rounds = new ConcurrentHashMap<>();
    private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();

    /** @param shortest the least time between two rounds of questions to the pods of one job */
    public ProgressEventSource(ProgressClient client, Duration shortest, Clock clock) {
        super(Progress.class, "progress");
        this.client = client;
        this.shortest = shortest;
        this.clock = clock;
    }

    /** The time between two rounds of questions to the pods of one job, which grows with the number of jobs at work. */
    public Duration interval() {
        Duration apart = Duration.ofSeconds(rounds.size()).dividedBy(ROUNDS_PER_SECOND);
        return apart.compareTo(shortest) > 0 ? apart : shortest;
    }

    /**
     * What the runners of a job said last, by the name of their pod. When they were not asked for an interval, they are
     * asked now, without waiting.
     */
    public Latest latest(EmbeddingJob job, Collection<RunnerEndpoint> runners) {
        ResourceID id = ResourceID.fromResource(job);
        if (runners.isEmpty()) {
            rounds.computeIfPresent(id, (_, round) -> round.running() ? round : null);
            return Latest.of(rounds.get(id));
        }
        Instant now = clock.instant();
        Duration interval = interval();
        boolean[] due = new boolean[1];
        Round round = rounds.compute(id, (_, former) -> {
            due[0] = former == null || former.isDue(now, interval);
            return due[0] ? Round.started(former, now) : former;
        });
        if (due[0]) {
            List<RunnerEndpoint> asked = List.copyOf(runners);
            asking.execute(() -> ask(id, asked, interval));
        }
        return Latest.of(round);
    }

    private void ask(ResourceID id, List<RunnerEndpoint> runners, Duration interval) {
        Map<String, Progress> answers = Map.of();
        try {
            answers = client.ask(runners, interval);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            finish(id, answers, interval);
        }
    }

    private void finish(ResourceID id, Map<String, Progress> answers, Duration interval) {
        boolean[] news = new boolean[1];
        Instant now = clock.instant();
        rounds.computeIfPresent(id, (_, round) -> {
            Round finished = round.finished(answers, now, interval.multipliedBy(ROUNDS_REMEMBERED));
            news[0] = !heard(finished).equals(heard(round));
            return finished;
        });
        if (news[0] && isRunning()) {
            getEventHandler().handleEvent(new Event(id));
        }
    }

    @Override
    public Set<Progress> getSecondaryResources(EmbeddingJob job) {
        return Set.copyOf(heard(rounds.get(ResourceID.fromResource(job))).values());
    }

    @Override
    public void onResourceDeleted(EmbeddingJob job) {
        rounds.remove(ResourceID.fromResource(job));
    }

    @Override
    public void stop() {
        super.stop();
        asking.shutdownNow();
    }

    private static Map<String, Progress> heard(@Nullable Round round) {
        if (round == null) {
            return Map.of();
        }
        return round.answers().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, answer -> answer.getValue().progress()));
    }

    /**
     * What runners said last.
     *
     * @param answers by the name of their pod
     * @param newerToCome whether they are being asked again just now: what they answer, if it is news, brings a
     *     reconciliation
     */
    public record Latest(Map<String, Progress> answers, boolean newerToCome) {
        private static Latest of(@Nullable Round round) {
            return new Latest(heard(round), round != null && round.running());
        }
    }

    private record Answer(Progress progress, Instant at) {}

    /**
     * The newest round of questions to the pods of a job.
     *
     * @param started when they were last asked
     * @param running whether some may still answer
     * @param answers what each pod said last
     */
    private record Round(Instant started, boolean running, Map<String, Answer> answers) {
        static Round started(@Nullable Round former, Instant now) {
            return new Round(now, true, former == null ? Map.of() : former.answers());
        }

        boolean isDue(Instant now, Duration interval) {
            return !running && !now.isBefore(started.plus(interval));
        }

        Round finished(Map<String, Progress> heard, Instant now, Duration memory) {
            Map<String, Answer> kept = new HashMap<>();
            answers.forEach((pod, answer) -> {
                if (answer.at().plus(memory).isAfter(now)) {
                    kept.put(pod, answer);
                }
            });
            heard.forEach((pod, progress) -> kept.put(pod, new Answer(progress, now)));
            return new Round(started, false, Map.copyOf(kept));
        }
    }
}
