package io.embeddingoperator.openai.simulator.error;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** How a server writes an error. */
public enum ErrorForm {
    /** {@code {"error":{message,type,param,code}}}. */
    OPENAI {
        @Override
        public ObjectNode body(ApiError error) {
            return wrapped(fields(error.message(), error.type())
                    .put("param", error.param())
                    .put("code", error.code()));
        }
    },
    /** {@code {"error":{code,message}}}, the code a name or the status as text. */
    AZURE {
        @Override
        public ObjectNode body(ApiError error) {
            String code =
                    error.code() == null || error.status() == 429 ? Integer.toString(error.status()) : error.code();
            return wrapped(
                    JsonNodeFactory.instance.objectNode().put("code", code).put("message", error.message()));
        }
    },
    /** {@code {message,code:422,type}} without a wrapper. */
    TEXT_EMBEDDINGS_INFERENCE {
        @Override
        public ObjectNode body(ApiError error) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("message", error.message())
                    .put("code", error.status())
                    .put("type", error.status() == 429 ? "overloaded" : "validation");
        }
    },
    /** {@code {"object":"error",message,type,param,code:400}} without a wrapper. */
    VLLM {
        @Override
        public ObjectNode body(ApiError error) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("object", "error")
                    .put("message", error.message())
                    .put("type", "BadRequestError")
                    .put("param", error.param())
                    .put("code", error.status());
        }
    },
    /** Wrapped, the code a number. */
    NUMERIC_CODE {
        @Override
        public ObjectNode body(ApiError error) {
            return wrapped(fields(error.message(), error.type())
                    .put("param", error.param())
                    .put("code", error.status()));
        }
    },
    /** Wrapped, the code the status as text. */
    STATUS_AS_TEXT {
        @Override
        public ObjectNode body(ApiError error) {
            return wrapped(fields(error.message(), error.type())
                    .put("param", error.param())
                    .put("code", Integer.toString(error.status())));
        }
    },
    /** {@code {"error":{code:400,message,status}}}, the status in a word of gRPC. */
    GOOGLE {
        @Override
        public ObjectNode body(ApiError error) {
            return wrapped(JsonNodeFactory.instance
                    .objectNode()
                    .put("code", error.status())
                    .put("message", error.message())
                    .put("status", word(error.status())));
        }

        private static String word(int status) {
            return switch (status) {
                case 400 -> "INVALID_ARGUMENT";
                case 401 -> "UNAUTHENTICATED";
                case 403 -> "PERMISSION_DENIED";
                case 404 -> "NOT_FOUND";
                case 409 -> "FAILED_PRECONDITION";
                case 429 -> "RESOURCE_EXHAUSTED";
                case 503 -> "UNAVAILABLE";
                default -> "INTERNAL";
            };
        }
    };

    public abstract ObjectNode body(ApiError error);

    private static ObjectNode fields(String message, @Nullable String type) {
        return JsonNodeFactory.instance.objectNode().put("message", message).put("type", type);
    }

    private static ObjectNode wrapped(ObjectNode error) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("error", error);
        return body;
    }
}
