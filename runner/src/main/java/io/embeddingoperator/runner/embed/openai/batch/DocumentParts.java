package io.embeddingoperator.runner.embed.openai.batch;

import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What came of the texts of one document so far, each in a line of its own. */
final class DocumentParts {
    private final String document;
    private final float[][] vectors;
    private int embedded;
    private long tokens;
    private @Nullable ResultLine failed;

    /** What comes behind its last line. */
    enum End {
        ANOTHER_DOCUMENT,
        FILE
    }

    /** @param expected how many vectors it waits for; 0 where they are of no use */
    DocumentParts(String document, int expected) {
        this.document = document;
        this.vectors = new float[expected][];
    }

    String document() {
        return document;
    }

    /** @param line of one of its texts */
    void add(ResultLine line) {
        switch (line) {
            case ResultLine.Embedded one -> {
                int place = CustomId.place(one.customId());
                // A line that comes twice was worked on once.
                if (vectors[place] == null) {
                    vectors[place] = one.vectors()[0];
                    embedded++;
                    tokens += one.tokens();
                }
            }
            case ResultLine.PassedOver one -> tokens += one.tokens();
            case ResultLine.Unusable one -> {
                tokens += one.tokens();
                failed(new ResultLine.Unusable(document, 0, one.flaw()));
            }
            case ResultLine.Refused one ->
                failed(new ResultLine.Refused(document, one.status(), one.code(), one.message()));
            case ResultLine.NotRun one -> failed(new ResultLine.NotRun(document, one.code(), one.message()));
            case ResultLine.Garbage _ -> throw new IllegalArgumentException("a line of no document");
        }
    }

    /** The first reason counts, and a refusal more than every other: it would come again. */
    private void failed(ResultLine line) {
        boolean refusal = line instanceof ResultLine.Refused refused && refused.forItsContent();
        if (failed == null || refusal) {
            failed = line;
        }
    }

    /** Tells the results of the document. */
    void endedBy(End end, Consumer<ResultLine> results) {
        if (vectors.length > 0 && embedded == vectors.length) {
            results.accept(new ResultLine.Embedded(document, vectors, tokens));
            return;
        }
        if (tokens > 0) {
            results.accept(new ResultLine.PassedOver(document, tokens));
        }
        if (failed != null) {
            results.accept(failed);
        } else if (vectors.length > 0 && end == End.ANOTHER_DOCUMENT) {
            results.accept(new ResultLine.Unusable(
                    document,
                    0,
                    new ReplyFlaw.Scattered(
                            "vectors of %d of its %d texts stand together".formatted(embedded, vectors.length))));
        }
    }
}
