package io.embeddingoperator.runner.embed.openai.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The body of an error in any of the forms that servers give it: OpenAI's, the same without its wrapper or in an array, FastAPI's
 * detail, a plain text or a gateway's HTML page. What is absent is empty, but for the message, which is the body itself where it is
 * in none of these forms.
 *
 * @param form who may have said it
 */
public record OpenAiError(String message, String type, String code, String param, Form form) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LONGEST_MESSAGE = 600;

    /** A longer body with a good status is a reply, and is not read twice. */
    private static final int LONGEST_ERROR = 16 * 1024;

    /** One of these stands in each reply that is none: vectors, lists, files, batches, operations, which may have failed. */
    private static final List<String> OF_REPLIES = List.of("data", "embeddings", "usage", "id", "metadata");

    /** Where servers put their words. */
    private static final List<String> MESSAGES = List.of("message", "detail", "msg", "errors", "title");

    private static final Pattern TITLE = Pattern.compile("(?is)<title[^>]*>(.*?)</title>");

    /** Who may have said it: the API itself, or a gateway on the way there. */
    public enum Form {
        /** OpenAI's own: the API says it. */
        OPENAI,
        /** JSON of another form: most servers that speak the API have one of their own, and so have some gateways. */
        JSON,
        /** A page or a plain text, as gateways and firewalls have. */
        PAGE
    }

    static OpenAiError of(OpenAiReply reply) {
        return json(reply).map(OpenAiError::of).orElseGet(() -> page(reply));
    }

    /** Whether the code, or the type where servers put it, is this. */
    public boolean is(String name) {
        return code.equals(name) || type.equals(name);
    }

    /** Whether a reply with a good status holds an error, or a page of a gateway on the way, in place of what was asked for. */
    static boolean isIn(OpenAiReply reply) {
        if (reply.body().length == 0 || reply.body().length > LONGEST_ERROR) {
            return false;
        }
        if (reply.text().stripLeading().startsWith("<")) {
            return true;
        }
        return json(reply).filter(OpenAiError::isError).isPresent();
    }

    private static boolean isError(JsonNode root) {
        JsonNode whole = unwrapped(root);
        return OF_REPLIES.stream().noneMatch(whole::has)
                && (whole.hasNonNull("error") || MESSAGES.stream().anyMatch(whole::hasNonNull));
    }

    /** Gemini puts the whole of it into an array. */
    private static JsonNode unwrapped(JsonNode root) {
        return root.isArray() && root.path(0).isObject() ? root.get(0) : root;
    }

    private static Optional<JsonNode> json(OpenAiReply reply) {
        try {
            return Optional.ofNullable(JSON.readTree(reply.body())).filter(JsonNode::isContainerNode);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static OpenAiError of(JsonNode root) {
        JsonNode whole = unwrapped(root);
        JsonNode error = whole.path("error");
        if (error.isObject()) {
            OpenAiError wrapped = fields(error, Form.JSON);
            return !text(error, "message").isEmpty() && !(wrapped.type + wrapped.code).isEmpty()
                    ? fields(error, Form.OPENAI)
                    : wrapped;
        }
        if (error.isTextual()) {
            return new OpenAiError(
                    shortened(error.asText()), text(whole, "error_type"), text(whole, "code"), "", Form.JSON);
        }
        return fields(whole, Form.JSON);
    }

    private static OpenAiError fields(JsonNode error, Form form) {
        return new OpenAiError(message(error), text(error, "type"), text(error, "code"), text(error, "param"), form);
    }

    /** What a server said is quoted as it stands. */
    private static String message(JsonNode error) {
        for (String name : MESSAGES) {
            JsonNode said = error.path(name);
            if (!said.isMissingNode() && !said.isNull()) {
                return shortened(said.isTextual() ? said.asText() : said.toString());
            }
        }
        return error.isEmpty() ? "" : shortened(error.toString());
    }

    private static OpenAiError page(OpenAiReply reply) {
        String text = reply.text();
        Matcher title = TITLE.matcher(text);
        return new OpenAiError(shortened(title.find() ? title.group(1) : text), "", "", "", Form.PAGE);
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isValueNode() && !value.isNull() ? value.asText() : "";
    }

    private static String shortened(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= LONGEST_MESSAGE
                ? line
                : line.substring(0, line.offsetByCodePoints(0, LONGEST_MESSAGE)) + "…";
    }
}
