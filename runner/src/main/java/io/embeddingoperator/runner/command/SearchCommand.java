package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.contract.PrintableText;
import io.embeddingoperator.runner.run.JobSearch;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.sink.search.SearchHit;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Finds the nearest chunks to a text. */
@Command(name = "search", description = "Embeds a text with the job's model and shows the nearest chunks.")
final class SearchCommand implements Callable<Integer> {
    private static final int SNIPPET_CHARS = 160;
    private static final int VALUE_CHARS = 40;

    @Mixin
    private ManifestOption manifest;

    @Option(
            names = {"-k", "--limit"},
            paramLabel = "N",
            defaultValue = "10",
            description = "how many chunks to show (default: ${DEFAULT-VALUE})")
    private int limit;

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description = {
                "a condition on the key or a metadata column, such as lang=de, 'year >= 2020' or 'lang is null',"
                        + " with one of =, !=, <, <=, >, >=, is null and is not null;",
                "given more than once, all must hold"
            })
    private List<String> conditions = List.of();

    @Option(
            names = "--hybrid",
            description = {
                "look for the words of the text too, as web searches do: all words, \"a phrase\", or, -without;",
                "the manifest must have spec.sink.pgvector.textSearch"
            })
    private boolean hybrid;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "an EmbeddingEndpoint of the job, which embeds the text, so that no model is loaded here")
    private Optional<String> endpoint = Optional.empty();

    @Parameters(paramLabel = "TEXT", description = "what to look for")
    private String text;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        List<SearchFilter> filters =
                conditions.stream().map(SearchFilter::parse).toList();
        List<SearchHit> hits = JobSearch.of(
                manifest.read(), RunnerEnvironment.of(System.getenv()), text, endpoint, filters, hybrid, limit);
        PrintWriter out = command.commandLine().getOut();
        for (SearchHit hit : hits) {
            out.println(String.format(
                    Locale.ROOT,
                    "%.4f  %s#%d  %s%s",
                    hit.distance(),
                    PrintableText.of(hit.key().toString()),
                    hit.chunk(),
                    metadata(hit),
                    snippet(hit.content(), SNIPPET_CHARS)));
        }
        if (hits.isEmpty()) {
            out.println(
                    filters.isEmpty()
                            ? "nothing found: the table holds no vectors yet"
                            : "nothing found: no row of the table meets each --where");
        }
        return 0;
    }

    private static String metadata(SearchHit hit) {
        return hit.metadata().isEmpty()
                ? ""
                : hit.metadata().entrySet().stream()
                        .map(value -> PrintableText.of(value.getKey()) + "=" + snippet(value.getValue(), VALUE_CHARS))
                        .collect(Collectors.joining(", ", "[", "]  "));
    }

    private static String snippet(String content, int mostChars) {
        String line = PrintableText.of(content).strip().replaceAll("\\s+", " ");
        if (line.codePointCount(0, line.length()) <= mostChars) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, mostChars)) + "…";
    }
}
