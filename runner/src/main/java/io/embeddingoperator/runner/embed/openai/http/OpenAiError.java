package io.embeddingoperator.runner.embed.openai.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The body of an error in any of the forms that servers give it: OpenAI's, the same without its wrapper, FastAPI's detail, a
 * plain text or a gateway's HTML page. What is absent is empty.
 *
 * @param ofApi whether it has OpenAI's form, so that it is the API that says it and nobody on the way there
 */
public record OpenAiError(String message, String type, String code, String param, boolean ofApi) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LONGEST_MESSAGE = 600;
    private static final Pattern TITLE = Pattern.compile("(?is)<title[^>]*>(.*?)</title>");

    static OpenAiError of(OpenAiReply reply) {
        return json(reply).map(OpenAiError::of).orElseGet(() -> page(reply));
    }

    /** Whether the code, or the type where servers put it, is this. */
    public boolean is(String name) {
        return code.equals(name) || type.equals(name);
    }

    private static Optional<JsonNode> json(OpenAiReply reply) {
        try {
            return Optional.ofNullable(JSON.readTree(reply.body())).filter(JsonNode::isContainerNode);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static OpenAiError of(JsonNode root) {
        JsonNode error = root.path("error");
        if (error.isObject()) {
            OpenAiError wrapped = fields(error);
            return wrapped.withForm(!wrapped.message.isEmpty() && !(wrapped.type + wrapped.code).isEmpty());
        }
        if (error.isTextual()) {
            return new OpenAiError(shortened(error.asText()), text(root, "error_type"), text(root, "code"), "", false);
        }
        JsonNode detail = root.path("detail");
        if (detail.isMissingNode()) {
            return fields(root);
        }
        return new OpenAiError(shortened(detail.isTextual() ? detail.asText() : detail.toString()), "", "", "", false);
    }

    private static OpenAiError fields(JsonNode error) {
        return new OpenAiError(
                shortened(text(error, "message")),
                text(error, "type"),
                text(error, "code"),
                text(error, "param"),
                false);
    }

    private OpenAiError withForm(boolean isOfApi) {
        return new OpenAiError(message, type, code, param, isOfApi);
    }

    private static OpenAiError page(OpenAiReply reply) {
        String text = reply.text();
        Matcher title = TITLE.matcher(text);
        return new OpenAiError(shortened(title.find() ? title.group(1) : text), "", "", "", false);
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
