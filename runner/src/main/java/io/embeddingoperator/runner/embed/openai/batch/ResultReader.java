package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads a batch's output or error file line by line. No more than the vectors of one document are in memory, however long the
 * file or a line is.
 */
public final class ResultReader implements BatchResults {
    /** A vector in base64, or a provider's message; nothing longer than this is of use. */
    private static final int LONGEST_STRING = 4 * 1024 * 1024;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_STRING)
                    .build())
            .build();

    private final Lines lines;
    private final int dimensions;
    private final ToIntFunction<String> expected;

    /**
     * @param dimensions of a vector
     * @param expected how many vectors a custom_id waits for; 0 where its line is of no use
     */
    public ResultReader(InputStream in, int dimensions, ToIntFunction<String> expected) {
        this.lines = new Lines(in);
        this.dimensions = dimensions;
        this.expected = expected;
    }

    @Override
    public @Nullable ResultLine next() throws IOException {
        InputStream line = lines.next();
        if (line == null) {
            return null;
        }
        try (JsonParser json = JSON.createParser(line)) {
            return read(json);
        } catch (JsonEOFException e) {
            return new ResultLine.Garbage("it ends in the middle");
        } catch (JsonParseException | StreamConstraintsException e) {
            return new ResultLine.Garbage(e.getOriginalMessage());
        }
    }

    @Override
    public long bytes() {
        return lines.bytes();
    }

    private ResultLine read(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            return new ResultLine.Garbage("it is no JSON object");
        }
        LineParts parts = new LineParts(dimensions, expected);
        parts.read(json);
        if (json.nextToken() != null) {
            return new ResultLine.Garbage("something follows its JSON object");
        }
        return parts.line();
    }
}
