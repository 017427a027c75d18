package io.embeddingoperator.bench.pacing;

import io.embeddingoperator.bench.pacing.RetryingClient.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Many runners on one account, in simulated time: whether they use it, whether they are refused, whether they share it fairly. Prints
 * the report; ends with 1 when a bound was not kept.
 */
@Command(name = "pacing", mixinStandardHelpOptions = true)
public final class PacingBenchmark implements Callable<Integer> {
    private static final long REQUEST_TOKENS = 4_096;
    private static final int[] CONCURRENCIES = {1, 4, 16};
    private static final int PLOTTED_CONCURRENCY = 4;

    @Option(names = "--seeds", defaultValue = "3", description = "runs of a scenario (default: ${DEFAULT-VALUE})")
    private int seeds;

    @Option(names = "--plot", required = true, description = "the SVG file to write")
    private Path plot;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PacingBenchmark()).execute(arguments));
    }

    /** A way of sending, and what came of it. */
    private record Entrant(String name, Outcome outcome) {}

    @Override
    public Integer call() throws Exception {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Outcome>> bound = new ArrayList<>();
            List<Future<Outcome>> beyond = new ArrayList<>();
            List<Future<Entrant>> entrants = new ArrayList<>();
            for (int processes : Scenarios.PROCESSES) {
                Scenarios.bound(processes).forEach(scenario -> bound.add(threads.submit(() -> runner(scenario))));
            }
            for (int processes : Scenarios.PROCESSES) {
                Scenarios.beyond(processes).forEach(scenario -> beyond.add(threads.submit(() -> runner(scenario))));
                entrants.addAll(entrants(threads, Scenarios.halvedAndDoubled(processes)));
            }
            List<Outcome> outcomes = all(bound);
            printBound(outcomes);
            List<Entrant> comparison = all(entrants);
            printComparison(comparison);
            printBeyond(all(beyond));
            Files.writeString(plot, Plot.svg(charts(comparison), 2));
            return outcomes.stream().allMatch(Outcome::met) ? 0 : 1;
        }
    }

    private Outcome runner(Scenario scenario) {
        return new Outcome(
                scenario,
                LongStream.rangeClosed(1, seeds)
                        .mapToObj(seed -> Simulation.run(scenario, GovernedClient::new, seed))
                        .toList());
    }

    private static Outcome retrying(Scenario scenario, Rule rule, int concurrency) {
        Simulation.Clients clients = (timeline, account, packing, process, random) ->
                new RetryingClient(timeline, account, packing, process, rule, concurrency, REQUEST_TOKENS, random);
        return new Outcome(scenario, List.of(Simulation.run(scenario, clients, 1)));
    }

    private List<Future<Entrant>> entrants(ExecutorService threads, Scenario scenario) {
        List<Future<Entrant>> entrants = new ArrayList<>();
        entrants.add(threads.submit(() -> new Entrant("embedding-operator", runner(scenario))));
        for (Rule rule : Rule.values()) {
            for (int concurrency : CONCURRENCIES) {
                entrants.add(threads.submit(
                        () -> new Entrant(name(rule, concurrency), retrying(scenario, rule, concurrency))));
            }
        }
        return entrants;
    }

    private static String name(Rule rule, int concurrency) {
        return "%s, %d at a time".formatted(rule, concurrency);
    }

    private void printBound(List<Outcome> outcomes) {
        System.out.printf(Locale.ROOT, """
                ## The bounds

                | | processes | used | 429 of 1,000 | Jain's index | recovery | newcomer's share | |
                |---|---|---|---|---|---|---|---|
                | **bound** | | %s | |
                """, Outcome.bounds());
        outcomes.forEach(outcome ->
                System.out.printf("| %s | %s | %s |%n", outcome.scenario().name(), outcome.cells(), outcome.verdict()));
    }

    private static void printBeyond(List<Outcome> outcomes) {
        System.out.printf("""

                ## Beyond the bounds

                | | processes | used | 429 of 1,000 | Jain's index | recovery | newcomer's share |
                |---|---|---|---|---|---|---|
                """);
        outcomes.forEach(
                outcome -> System.out.printf("| %s | %s |%n", outcome.scenario().name(), outcome.cells()));
    }

    private static void printComparison(List<Entrant> entrants) {
        System.out.printf(Locale.ROOT, """

                ## Beside what others do

                1M tokens a minute, halved at 4:00 and doubled at 7:00, mixed texts; others send requests of at most %,d tokens.

                | | processes | used | 429 of 1,000 | Jain's index | recovery | requests | errors that a program sees |
                |---|---|---|---|---|---|---|---|
                """, REQUEST_TOKENS);
        entrants.forEach(entrant -> System.out.printf(
                Locale.ROOT,
                "| %s | %s | %,d | %,d |%n",
                entrant.name(),
                entrant.outcome().cells().replaceFirst(" \\| [^|]*$", ""),
                entrant.outcome().recordings().getFirst().sent(),
                entrant.outcome().givenUp()));
    }

    private static List<Plot.Chart> charts(List<Entrant> entrants) {
        List<String> plotted = List.of(
                "embedding-operator", name(Rule.SDK, PLOTTED_CONCURRENCY), name(Rule.EXPONENTIAL, PLOTTED_CONCURRENCY));
        return plotted.stream()
                .flatMap(name -> entrants.stream()
                        .filter(entrant -> entrant.name().equals(name))
                        .filter(entrant -> entrant.outcome().scenario().processes()
                                > Arrays.stream(Scenarios.PROCESSES).min().orElseThrow()))
                .map(PacingBenchmark::chart)
                .toList();
    }

    private static Plot.Chart chart(Entrant entrant) {
        Recording recording = entrant.outcome().recordings().getFirst();
        return new Plot.Chart(
                "%s; %d processes"
                        .formatted(entrant.name(), entrant.outcome().scenario().processes()),
                recording,
                recording.limitAt(0));
    }

    private static <T> List<T> all(List<Future<T>> futures) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(future.get());
        }
        return results;
    }
}
