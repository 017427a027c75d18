package io.embeddingoperator.runner.embed.openai.batch;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Joins the results of texts that have a line each to those of their documents. They come in the order of the requests, as the
 * provider promises, so that no more than the vectors of one document are in memory.
 */
final class JoinedResults implements BatchResults {
    private final ResultReader lines;
    private final ToIntFunction<String> expected;
    private final Queue<ResultLine> joined = new ArrayDeque<>();
    private Optional<DocumentParts> open = Optional.empty();

    /**
     * @param dimensions of a vector
     * @param expected how many vectors the custom_id of a document waits for; 0 where they are of no use
     */
    JoinedResults(InputStream in, int dimensions, ToIntFunction<String> expected) {
        this.lines = new ResultReader(in, dimensions, this::expectedOfText);
        this.expected = expected;
    }

    private int expectedOfText(String customId) {
        boolean wanted = CustomId.document(customId)
                .filter(document -> CustomId.place(customId) < expected.applyAsInt(document))
                .isPresent();
        return wanted ? 1 : 0;
    }

    @Override
    public @Nullable ResultLine next() throws IOException {
        while (joined.isEmpty()) {
            ResultLine line = lines.next();
            if (line == null) {
                // What is missing at the end may be what a download lacks.
                open.ifPresent(document -> document.endedBy(DocumentParts.End.FILE, joined::add));
                open = Optional.empty();
                return joined.poll();
            }
            join(line);
        }
        return joined.poll();
    }

    private void join(ResultLine line) {
        Optional<String> document = document(line);
        if (document.isEmpty()) {
            joined.add(line);
            return;
        }
        if (open.filter(other -> !other.document().equals(document.get())).isPresent()) {
            open.get().endedBy(DocumentParts.End.ANOTHER_DOCUMENT, joined::add);
            open = Optional.empty();
        }
        if (open.isEmpty()) {
            open = Optional.of(new DocumentParts(document.get(), expected.applyAsInt(document.get())));
        }
        open.get().add(line);
    }

    private static Optional<String> document(ResultLine line) {
        return switch (line) {
            case ResultLine.Embedded one -> CustomId.document(one.customId());
            case ResultLine.Refused one -> CustomId.document(one.customId());
            case ResultLine.NotRun one -> CustomId.document(one.customId());
            case ResultLine.Unusable one -> CustomId.document(one.customId());
            case ResultLine.PassedOver one -> CustomId.document(one.customId());
            case ResultLine.Garbage _ -> Optional.empty();
        };
    }

    @Override
    public long bytes() {
        return lines.bytes();
    }
}
