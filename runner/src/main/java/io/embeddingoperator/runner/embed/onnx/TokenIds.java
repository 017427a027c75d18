package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Locale;

/**
 * What the text of a {@code tokenizer.json} says of ids. The vocabulary, which is most of it, is gone through piece by piece: as a
 * tree of objects it would take a hundred times its size.
 *
 * @param padding the id that pads a row. Padding is masked, so that any id would do for most models; some compute positions from it
 * @param highest of the vocabulary; tokens that were added to that may have higher ones
 */
record TokenIds(int padding, int highest) {
    private static final JsonFactory JSON = new ObjectMapper().getFactory();

    /** @throws IOException when it is no JSON, or nested without end */
    static TokenIds read(String json) throws IOException {
        int padding = 0;
        int highest = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(parser, "no object");
            }
            boolean configured = false;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "padding" -> {
                        JsonNode id = parser.<JsonNode>readValueAsTree().path("pad_id");
                        configured = id.isInt();
                        padding = configured ? id.intValue() : padding;
                    }
                    case "added_tokens" -> {
                        int added = padding(parser.readValueAsTree());
                        padding = configured ? padding : added;
                    }
                    case "model" -> highest = highestOfModel(parser);
                    default -> parser.skipChildren();
                }
            }
        }
        return new TokenIds(padding, highest);
    }

    /** An id that is not the padding's, for a text that stands for any other. */
    int ordinary() {
        return highest == padding ? Math.max(0, highest - 1) : highest;
    }

    /** The id of the added token that is named for it, or 0. */
    private static int padding(JsonNode tokens) {
        for (JsonNode token : tokens) {
            String content = token.path("content").asText().toLowerCase(Locale.ROOT);
            if (token.path("special").asBoolean() && content.matches("\\W*pad\\W*")) {
                return token.path("id").intValue();
            }
        }
        return 0;
    }

    private static int highestOfModel(JsonParser parser) throws IOException {
        int highest = 0;
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return highest;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean vocabulary = parser.currentName().equals("vocab");
            parser.nextToken();
            if (vocabulary && parser.currentToken() == JsonToken.START_OBJECT) {
                highest = highestValue(parser);
            } else if (vocabulary && parser.currentToken() == JsonToken.START_ARRAY) {
                highest = Math.max(0, count(parser) - 1);
            } else {
                parser.skipChildren();
            }
        }
        return highest;
    }

    /** Tokens with their ids. */
    private static int highestValue(JsonParser parser) throws IOException {
        int highest = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                highest = Math.max(highest, parser.getIntValue());
            } else {
                parser.skipChildren();
            }
        }
        return highest;
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
