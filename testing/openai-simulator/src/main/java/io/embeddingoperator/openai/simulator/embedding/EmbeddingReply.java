package io.embeddingoperator.openai.simulator.embedding;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The body of a reply with vectors, which are computed while it is written.
 *
 * @param hashes of the texts, which all of a vector follows from
 * @param spoil what is wrong with it
 */
public record EmbeddingReply(
        String model, int dimensions, boolean base64, long[] hashes, long tokens, Optional<Spoil> spoil) {
    public static EmbeddingReply to(EmbeddingRequest request, Optional<Spoil> spoil) {
        long[] hashes = request.inputs().stream().mapToLong(request::hash).toArray();
        return new EmbeddingReply(
                request.answeredModel(), request.dimensions(), request.base64(), hashes, request.tokens(), spoil);
    }

    public EmbeddingReply spoiled(Spoil how) {
        return new EmbeddingReply(model, dimensions, base64, hashes, tokens, Optional.of(how));
    }

    /** Its length in bytes, without computing a vector. */
    public long length() {
        try {
            Measure measure = new Measure();
            write(measure);
            return measure.length;
        } catch (IOException e) {
            throw new IllegalStateException("nothing was written", e);
        }
    }

    public void writeTo(OutputStream out) throws IOException {
        write(new Writing(out));
    }

    private void write(Target target) throws IOException {
        target.text("{\"object\":\"list\",\"data\":[");
        int vectors = vectors();
        for (int place = 0; place < vectors; place++) {
            int input = isSpoiled(Spoil.SHUFFLED) ? vectors - 1 - place : place;
            target.text((place == 0 ? "" : ",") + "{\"object\":\"embedding\"" + index(input) + ",\"embedding\":");
            // The spoiled vector is the last one: a client that looks at the first alone is not careful.
            vector(target, input, input == vectors - 1 ? spoil : Optional.empty());
            target.text("}");
        }
        if (isSpoiled(Spoil.MALFORMED_JSON)) {
            target.text("],\"model\":\"text-embed");
            return;
        }
        target.text(
                "],\"model\":\"" + new String(JsonStringEncoder.getInstance().quoteAsString(model)) + "\"");
        String billed = tokens + (isSpoiled(Spoil.DECIMAL_BILL) ? ".0" : "");
        target.text(
                isSpoiled(Spoil.UNTOLD_BILL)
                        ? "}"
                        : ",\"usage\":{\"prompt_tokens\":" + billed + ",\"total_tokens\":" + billed + "}}");
    }

    private boolean isSpoiled(Spoil how) {
        return spoil.filter(how::equals).isPresent();
    }

    private int vectors() {
        if (isSpoiled(Spoil.EMPTY_DATA)) {
            return 0;
        }
        if (isSpoiled(Spoil.ONE_VECTOR)) {
            return 1;
        }
        return isSpoiled(Spoil.FEWER_VECTORS) ? hashes.length - 1 : hashes.length;
    }

    private String index(int input) {
        boolean last = input == hashes.length - 1;
        if (last && isSpoiled(Spoil.MISSING_INDEX) || input == 0 && isSpoiled(Spoil.ZERO_INDEX_LEFT_OUT)) {
            return "";
        }
        // Of a single vector there is no other, so that it names an input that was not sent.
        int index = last && isSpoiled(Spoil.DUPLICATE_INDEX) ? (input == 0 ? 1 : input - 1) : input;
        return ",\"index\":" + index;
    }

    private void vector(Target target, int input, Optional<Spoil> how) throws IOException {
        int wrong = dimensions == 1 ? 2 : dimensions - 1;
        int length = how.filter(Spoil.WRONG_DIMENSION::equals).isPresent() ? wrong : dimensions;
        if (base64 && how.filter(Spoil.NULL_VALUE::equals).isPresent()) {
            target.text("null");
        } else {
            target.vector(hashes[input], length, base64, how);
        }
    }

    private interface Target {
        void text(String text) throws IOException;

        void vector(long hash, int dimensions, boolean base64, Optional<Spoil> spoil) throws IOException;
    }

    private record Writing(OutputStream out) implements Target {
        @Override
        public void text(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void vector(long hash, int dimensions, boolean base64, Optional<Spoil> spoil) throws IOException {
            Spoil how = spoil.orElse(Spoil.SHUFFLED);
            long[] units = how == Spoil.ZERO_VECTOR ? new long[dimensions] : SimulatedVectors.units(hash, dimensions);
            out.write(base64 ? VectorText.base64(units, how) : VectorText.numbers(units, how));
        }
    }

    private static final class Measure implements Target {
        private long length;

        @Override
        public void text(String text) {
            length += text.getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public void vector(long hash, int dimensions, boolean base64, Optional<Spoil> spoil) {
            length += VectorText.length(dimensions, base64);
        }
    }
}
