package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReasonTest {
    @Test
    void aMissingLibraryIsSaidWithoutThePlaceInOnnxRuntimesSources() {
        // given
        OrtException failure = new OrtException("""
                /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 \
                onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : \
                Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: \
                cannot open shared object file: No such file or directory
                """);

        // when
        String reason = Reason.of(failure);

        // then
        assertThat(reason)
                .isEqualTo("Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: "
                        + "cannot open shared object file: No such file or directory");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    Error code - ORT_FAIL - message: Exception during initialization: /onnxruntime_src/onnxruntime/core/common/safeint.h:17 static void SafeIntExceptionHandler<onnxruntime::OnnxRuntimeException>::SafeIntOnOverflow() Integer overflow | Exception during initialization: Integer overflow
                    Error code - ORT_FAIL - message: Non-zero status code returned while running Reshape node. Name:'the Reshape' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:91 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == requested_shape_size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{1,3}, requested shape:{7,7} | the Reshape node "the Reshape" failed: The input tensor cannot be reshaped to the requested shape. Input shape:{1,3}, requested shape:{7,7}
                    Error code - ORT_FAIL - message: Non-zero status code returned while running Expand node. Name:'e' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:359 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 131941395333120 | the Expand node "e" failed: Failed to allocate memory for requested buffer of size 131941395333120
                    Error code - ORT_FAIL - message: Non-zero status code returned while running MatMul node. Name:'m' Status Message: matmul_helper.h:183 Compute MatMul dimension mismatch | the MatMul node "m" failed: MatMul dimension mismatch
                    Error code - ORT_FAIL - message: tensorprotoutils.cc:1412 GetSizeInBytesFromTensorProto Out of bounds dimensions in TypeProto_Tensor | Out of bounds dimensions in TypeProto_Tensor
                    Error code - ORT_INVALID_GRAPH - message: This is an invalid model. In Node, ("the Foo", Foo, "", -1) : ("x": tensor(int64),) -> ("y": tensor(int64),) , Error No Op registered for Foo with domain_version of 17 | This is an invalid model. In Node, ("the Foo", Foo, "", -1) : ("x": tensor(int64),) -> ("y": tensor(int64),) , Error No Op registered for Foo with domain_version of 17
                    /onnxruntime_src/a.cc:1 auto ns::F::operator()(int)::<lambda(size_t)>(long int) const [with T = float] n > 0 was false. | n > 0 was false.
                    /onnxruntime_src/a.cc:1 a head without an end | a head without an end
                    """)
    void whereInItsSourcesOnnxRuntimeStoodIsLeftOut(String message, String reason) {
        assertThat(Reason.of(new OrtException(message))).isEqualTo(reason);
    }

    @Test
    void whatARealModelMeetsIsSaidWithoutTheSources() {
        // given
        ProtobufMessage weight = new ProtobufMessage()
                .put(1, 1L << 40)
                .put(1, 1L << 40)
                .put(2, 7)
                .put(7, 1)
                .put(8, "weight");
        byte[] model = new ProtobufMessage()
                .put(1, 8)
                .put(
                        7,
                        new ProtobufMessage()
                                .put(1, identity())
                                .put(2, "huge")
                                .put(5, weight)
                                .put(12, output()))
                .put(8, new ProtobufMessage().put(1, "").put(2, 17))
                .toByteArray();

        // when, then
        assertThatExceptionOfType(OrtException.class)
                .isThrownBy(() -> OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL)
                        .createSession(model))
                .satisfies(
                        e -> assertThat(Reason.of(e)).isEqualTo("Exception during initialization: Integer overflow"));
    }

    private static ProtobufMessage identity() {
        return new ProtobufMessage().put(1, "weight").put(2, "output").put(4, "Identity");
    }

    private static ProtobufMessage output() {
        ProtobufMessage tensor = new ProtobufMessage().put(1, 7).put(2, new ProtobufMessage());
        return new ProtobufMessage().put(1, "output").put(2, new ProtobufMessage().put(1, tensor));
    }

    @Test
    void aMessageOfAnotherFormStaysAsItIsOnOneLine() {
        assertThat(Reason.of(new OrtException("Failed to allocate memory\n for requested buffer")))
                .isEqualTo("Failed to allocate memory for requested buffer");
        assertThat(Reason.of(new OrtException(""))).isEmpty();
    }
}
