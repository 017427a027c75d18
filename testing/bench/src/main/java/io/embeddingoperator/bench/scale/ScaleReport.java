package io.embeddingoperator.bench.scale;

import io.embeddingoperator.bench.scale.AuditLog.Request;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was measured, in Markdown. */
final class ScaleReport {
    private final int jobs;
    private final int shards;
    private final int podSeconds;
    private final Installation installation;
    private final Burst burst;

    ScaleReport(int jobs, int shards, int podSeconds, Installation installation, Burst burst) {
        this.jobs = jobs;
        this.shards = shards;
        this.podSeconds = podSeconds;
        this.installation = installation;
        this.burst = burst;
    }

    /** Comes first: to measure the rest takes minutes. */
    void printBurst() {
        printTimesOfBurst();
        printRequests();
    }

    /** @param idleHeap what lives on the operator's heap while it is idle, in MiB */
    void printRest(SteadyState idle, double idleHeap, AtWork atWork) {
        printTimes(atWork);
        printSteadyStates(idle, idleHeap, atWork);
        printRestart(atWork.restart());
        Bound.print(List.of(
                Bound.atLeast("EmbeddingJobs that get their Job, a minute", 150, burst.jobsAMinute(), ""),
                Bound.atLeast("… that get through to Complete, a minute", 150, burst.completeAMinute(), ""),
                Bound.exactly(
                        "statuses that say exactly what the runners did", 2L * jobs, burst.right() + atWork.right()),
                Bound.atMost(
                        "99 of 100 tell of the end of their Job",
                        5,
                        Lags.seconds(atWork.untilSaysComplete().percentile(99)),
                        "s"),
                Bound.atMost(
                        "99 of 100 commits are counted by a status",
                        30,
                        Lags.seconds(atWork.untilSaysNumbers().percentile(99)),
                        "s"),
                Bound.exactly("Jobs, ConfigMaps or pods made anew by a new start", 0, madeAnew(atWork.restart())),
                Bound.atMost(
                        "requests of an idle operator a second, besides its lease",
                        0.1,
                        AuditLog.ofJobs(idle.requests()).size() / idle.seconds(),
                        ""),
                Bound.atMost(
                        "the operator's peak memory",
                        limit(),
                        Math.max(burst.peakMemory(), atWork.peakMemory()),
                        "MiB")));
    }

    private static long madeAnew(AtWork.Restart restart) {
        return restart.changedJobs()
                + restart.created().stream()
                        .map(Request::kind)
                        .filter(kind -> kind.equals("create jobs") || kind.equals("create configmaps"))
                        .count();
    }

    private double limit() {
        return installation.memoryLimit() / (double) (1 << 20);
    }

    private void printTimesOfBurst() {
        System.out.printf(
                Locale.ROOT,
                """
                ### %,d EmbeddingJobs at once, through to their end

                %,d pods in all, each of which runs for %d s.

                | | time from the first creation | EmbeddingJobs a minute |
                |---|---|---|
                | the API server has taken all manifests | %.1f s | %,.0f |
                | all have their Job | %.1f s | %,.0f |
                | all statuses say Complete | %.1f s | %,.0f |

                | processor time in this part | s | ms for an EmbeddingJob |
                |---|---|---|
                """,
                jobs,
                jobs * shards,
                podSeconds,
                s(burst.created()),
                jobs / s(burst.created()) * 60,
                s(burst.haveJobs()),
                burst.jobsAMinute(),
                s(burst.complete()),
                burst.completeAMinute());
        printCpu("the operator", burst.cpu());
        burst.otherCpu().entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(other -> printCpu(other.getKey(), other.getValue()));
    }

    private void printCpu(String name, Duration cpu) {
        System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f |%n", name, s(cpu), 1000 * s(cpu) / jobs);
    }

    private void printRequests() {
        List<Request> ofJobs = AuditLog.ofJobs(burst.requests());
        System.out.printf(Locale.ROOT, """

                | requests of the operator to the API server | for an EmbeddingJob |
                |---|---|
                | all, without the lease | %.2f |
                """, (double) ofJobs.size() / jobs);
        AuditLog.byKind(ofJobs)
                .forEach((kind, count) ->
                        System.out.printf(Locale.ROOT, "| %s | %.2f |%n", kind, (double) count / jobs));
        Map<Integer, Long> failures = AuditLog.failures(burst.requests());
        System.out.printf(
                "%nAnswers that said no: %s.%n",
                failures.isEmpty()
                        ? "none"
                        : failures.entrySet().stream()
                                .map(answer -> answer.getValue() + " of " + answer.getKey())
                                .collect(Collectors.joining(", ")));
    }

    private void printTimes(AtWork atWork) {
        System.out.printf("""

                ### How far statuses lag behind

                | from … to … | seen | half within | 99 of 100 within | all within |
                |---|---|---|---|---|
                """);
        System.out.println(burst.untilStatus().row("a manifest's creation to its first status, all at once"));
        System.out.println(burst.untilJob().row("a manifest's creation to its Job, all at once"));
        System.out.println(burst.untilSaysComplete().row("a Job's end to the status Complete, while others begin"));
        System.out.println(atWork.untilSaysRunning().row("the first pod that runs to the status Running, all at once"));
        System.out.println(
                atWork.untilSaysNumbers().row("a runner's commit to the status that counts it, all at work"));
        System.out.println(atWork.untilSaysComplete()
                .row("a Job's end to the status Complete, all ending at once, in %.0f s"
                        .formatted(s(atWork.complete()))));
    }

    private void printSteadyStates(SteadyState idle, double idleHeap, AtWork atWork) {
        System.out.printf("""

                ### Steady states

                | | operator's processor, of one core | API requests/s | of these for the lease | pods asked/s | without a good answer | API server's processor, of one core |
                |---|---|---|---|---|---|---|
                """);
        printSteadyState("%,d finished".formatted(jobs), idle);
        printSteadyState("%,d at work, %,d finished".formatted(jobs, jobs), atWork.steady());
        System.out.printf(
                Locale.ROOT,
                """

                The requests of those at work: %s. What lives on the operator's heap: %.0f MiB with %,d finished EmbeddingJobs, \
                %.0f MiB with %,d; its process had %.0f MiB at most, of the %.0f that the chart allows.
                """,
                AuditLog.byKind(atWork.steady().requests()).entrySet().stream()
                        .map(kind -> "%s %.1f/s"
                                .formatted(
                                        kind.getKey(),
                                        kind.getValue() / atWork.steady().seconds()))
                        .collect(Collectors.joining(", ")),
                idleHeap,
                jobs,
                atWork.heapOfAll(),
                2 * jobs,
                Math.max(burst.peakMemory(), atWork.peakMemory()),
                limit());
    }

    private static void printSteadyState(String name, SteadyState state) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.1f %% | %.1f | %.1f | %.1f | %.0f | %.1f %% |%n",
                name,
                state.cpuPercent(),
                state.requestsPerSecond(),
                state.requests().stream().filter(Request::isOfTheLease).count() / state.seconds(),
                state.polls() / state.seconds(),
                state.pollsUnanswered(),
                100 * s(state.otherCpu().getOrDefault("kube-apiserver", Duration.ZERO)) / state.seconds());
    }

    private void printRestart(AtWork.Restart restart) {
        System.out.printf(
                Locale.ROOT,
                """

                ### A new start of the operator, with %,d at work

                The old one is told to end. %.1f s later the new one is ready, and %.1f s later it has written new numbers into every
                status; it has used %.1f s of the processor by then. It created %s.
                """,
                jobs,
                s(restart.ready()),
                s(restart.watched()),
                s(restart.cpu()),
                restart.created().isEmpty()
                        ? "nothing"
                        : AuditLog.byKind(restart.created()).entrySet().stream()
                                .map(kind ->
                                        kind.getValue() + " " + kind.getKey().replace("create ", ""))
                                .collect(Collectors.joining(", ")));
    }

    private static double s(Duration duration) {
        return Lags.seconds(duration);
    }
}
