package io.embeddingoperator.operator.reconcile;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spec that this version of the operator does not understand as none at all. The API server's own schema refuses
 * such a spec, but one may be left from another version: it must not end the watch that brings all the others.
 */
public final class LenientSpecModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    private static final Set<Class<?>> SPECS = Set.of(EmbeddingJobSpec.class, EmbeddingEndpointSpec.class);

    public LenientSpecModule() {
        super("lenient-specs");
        setDeserializerModifier(new SpecModifier());
    }

    private static final class SpecModifier extends BeanDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public JsonDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription description, JsonDeserializer<?> deserializer) {
            if (SPECS.contains(description.getBeanClass())) {
                return new LenientDeserializer(deserializer);
            }
            return deserializer;
        }
    }

    private static final class LenientDeserializer extends DelegatingDeserializer {
        private static final long serialVersionUID = 1L;

        LenientDeserializer(JsonDeserializer<?> strict) {
            super(strict);
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> strict) {
            return new LenientDeserializer(strict);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            // The whole value is taken from the parser first, so that what stands behind it is read in any case.
            try (TokenBuffer spec = context.bufferAsCopyOfValue(parser);
                    JsonParser again = spec.asParserOnFirstToken()) {
                return super.deserialize(again, context);
            } catch (JsonMappingException e) {
                return null;
            }
        }
    }
}
