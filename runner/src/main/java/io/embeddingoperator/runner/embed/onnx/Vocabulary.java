package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code model} of a {@code tokenizer.json} says of ids, read piece by piece.
 *
 * @param highest of all ids
 * @param unknown of the token that stands for what the vocabulary lacks
 */
record Vocabulary(int highest, OptionalInt unknown) {
    /** @param added ids of the tokens beside the vocabulary, which mostly hold the unknown one too */
    static Vocabulary read(JsonParser parser, Map<String, Integer> added) throws IOException {
        int highest = 0;
        OptionalInt unknown = OptionalInt.empty();
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return new Vocabulary(highest, unknown);
        }
        String name = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (field.equals("unk_token") && value == JsonToken.VALUE_STRING) {
                name = parser.getText();
                unknown = added.containsKey(name) ? OptionalInt.of(added.get(name)) : unknown;
            } else if (field.equals("unk_id") && value == JsonToken.VALUE_NUMBER_INT) {
                unknown = OptionalInt.of(parser.getIntValue());
            } else if (field.equals("vocab") && value == JsonToken.START_OBJECT) {
                Vocabulary named = byName(parser, name);
                highest = named.highest();
                unknown = named.unknown().isPresent() ? named.unknown() : unknown;
            } else if (field.equals("vocab") && value == JsonToken.START_ARRAY) {
                highest = Math.max(0, count(parser) - 1);
            } else {
                parser.skipChildren();
            }
        }
        return new Vocabulary(highest, unknown);
    }

    /** Tokens with their ids, behind the name of the unknown one, unless that is written last. */
    private static Vocabulary byName(JsonParser parser, @Nullable String unknownName) throws IOException {
        int highest = 0;
        OptionalInt unknown = OptionalInt.empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean isUnknown = parser.currentName().equals(unknownName);
            if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                highest = Math.max(highest, parser.getIntValue());
                unknown = isUnknown ? OptionalInt.of(parser.getIntValue()) : unknown;
            } else {
                parser.skipChildren();
            }
        }
        return new Vocabulary(highest, unknown);
    }

    /** Tokens with their scores, in the order of their ids. */
    private static int count(JsonParser parser) throws IOException {
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            parser.skipChildren();
            count++;
        }
        return count;
    }
}
