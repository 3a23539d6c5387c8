import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs a Java function: asks the Runtime API for events over one socket, calls the handler by reflection, answers.
 *
 * A handler is "package.Class::method", or "package.Class" with handleRequest. What it takes and gives is made of maps, lists, texts,
 * numbers and booleans, or it is given streams. AWS's interfaces come with the function's own jars; none is known here.
 */
public final class LambdaRuntime {
    private static final String API = "/2018-06-01/runtime/";
    private static final byte[] NEXT = ("GET " + API + "invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n").getBytes(StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        String[] address = System.getenv("AWS_LAMBDA_RUNTIME_API").split(":");
        try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
            socket.setTcpNoDelay(true);
            Connection connection = new Connection(socket);
            Handler handler;
            try {
                handler = new Handler(System.getenv("_HANDLER"));
            } catch (Throwable problem) {
                Map<String, Object> said = explained(problem);
                connection.ask(post("init/error", bytes(said), (String) said.get("errorType")));
                connection.answer();
                System.exit(1);
                return;
            }
            serve(connection, handler);
        }
    }

    private static void serve(Connection connection, Handler handler) throws IOException {
        connection.ask(NEXT);
        while (true) {
            Answer event = connection.answer();
            String id = event.headers.get("lambda-runtime-aws-request-id");
            String trace = event.headers.get("lambda-runtime-trace-id");
            if (trace != null) System.setProperty("com.amazonaws.xray.traceHeader", trace);
            byte[] text;
            try {
                text = post("invocation/" + id + "/response", handler.call(event), null);
            } catch (Throwable problem) {
                Map<String, Object> said = explained(problem);
                text = post("invocation/" + id + "/error", bytes(said), (String) said.get("errorType"));
            }
            System.out.flush();
            connection.ask(text);
            connection.ask(NEXT);
            connection.answer();
        }
    }

    /** An error as Lambda tells it, and in the log, where lines within it end in \r. */
    private static Map<String, Object> explained(Throwable problem) {
        List<Object> stack = new ArrayList<>();
        for (StackTraceElement frame : problem.getStackTrace()) {
            if (frame.getClassName().startsWith("LambdaRuntime") || frame.getClassName().startsWith("jdk.internal.reflect")
                    || frame.getClassName().startsWith("java.lang.reflect")) continue;
            stack.add(frame.toString());
        }
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("errorMessage", problem.getMessage());
        said.put("errorType", problem instanceof Fault ? ((Fault) problem).kind : problem.getClass().getName());
        said.put("stackTrace", stack);
        StringBuilder log = new StringBuilder(problem instanceof Fault ? "" : problem.getMessage() + ": ");
        log.append(said.get("errorType"));
        for (Object frame : stack) log.append("\r\tat ").append(frame);
        System.out.println(log.toString().replace('\n', '\r'));
        return said;
    }

    private static byte[] bytes(Object value) {
        return Json.text(value).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] post(String path, byte[] body, String kind) {
        String head = "POST " + API + path + " HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n"
            + (kind == null ? "" : "Lambda-Runtime-Function-Error-Type: " + kind + "\r\n") + "Content-Length: " + body.length + "\r\n\r\n";
        byte[] start = head.getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, whole, start.length, body.length);
        return whole;
    }

    /** What the runtime itself has to say against a function. */
    private static final class Fault extends RuntimeException {
        final String kind;

        Fault(String kind, String message) {
            super(message);
            this.kind = kind;
        }
    }

    private static final class Answer {
        final Map<String, String> headers = new HashMap<>();
        byte[] body;
    }

    /** The one connection to the Runtime API. */
    private static final class Connection {
        private final InputStream in;
        private final OutputStream out;

        Connection(Socket socket) throws IOException {
            in = new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16);
            out = socket.getOutputStream();
        }

        void ask(byte[] text) throws IOException {
            out.write(text);
        }

        Answer answer() throws IOException {
            Answer answer = new Answer();
            line();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                answer.headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
            }
            answer.body = in.readNBytes(Integer.parseInt(answer.headers.getOrDefault("content-length", "0")));
            return answer;
        }

        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) System.exit(0);
                if (c != '\r') line.write(c);
            }
            return line.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /** The function's method, and how it is called. */
    private static final class Handler {
        private final Object instance;
        private final Method method;

        Handler(String name) throws Throwable {
            String[] parts = name.split("::");
            Thread.currentThread().setContextClassLoader(loader());
            Class<?> type;
            try {
                type = Class.forName(parts[0], true, Thread.currentThread().getContextClassLoader());
            } catch (ClassNotFoundException problem) {
                throw new Fault("java.lang.ClassNotFoundException", "Class not found: " + parts[0]);
            }
            String wanted = parts.length > 1 ? parts[1] : "handleRequest";
            method = Arrays.stream(type.getMethods()).filter(m -> m.getName().equals(wanted) && !m.isBridge())
                .max(Comparator.comparingInt(Method::getParameterCount))
                .orElseThrow(() -> new Fault("java.lang.NoSuchMethodException", "No public method named " + wanted
                    + " with appropriate method signature found on class " + parts[0]));
            method.setAccessible(true);
            try {
                instance = Modifier.isStatic(method.getModifiers()) ? null : type.getConstructor().newInstance();
            } catch (InvocationTargetException problem) {
                throw problem.getCause();
            }
        }

        /** The function's classes, its jars, and those of its layers. */
        private static ClassLoader loader() throws IOException {
            String root = System.getenv("LAMBDA_TASK_ROOT");
            String opt = System.getenv().getOrDefault("CUMULET_OPT", "/opt");
            List<URL> found = new ArrayList<>();
            found.add(new File(root).toURI().toURL());
            for (String folder : new String[] {root + "/lib", opt + "/java/lib"}) {
                File[] jars = new File(folder).listFiles((in, name) -> name.endsWith(".jar"));
                if (jars == null) continue;
                Arrays.sort(jars);
                for (File jar : jars) found.add(jar.toURI().toURL());
            }
            return new URLClassLoader(found.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        }

        byte[] call(Answer event) throws Throwable {
            Class<?>[] types = method.getParameterTypes();
            Object[] given = new Object[types.length];
            ByteArrayOutputStream out = null;
            for (int i = 0; i < types.length; i++) {
                if (types[i].isInterface() && types[i].getSimpleName().equals("Context")) given[i] = context(types[i], event.headers);
                else if (types[i] == InputStream.class) given[i] = new ByteArrayInputStream(event.body);
                else if (types[i] == OutputStream.class) given[i] = out = new ByteArrayOutputStream();
                else given[i] = fitting(Json.value(new String(event.body, StandardCharsets.UTF_8)), types[i]);
            }
            Object result;
            try {
                result = method.invoke(instance, given);
            } catch (InvocationTargetException problem) {
                throw problem.getCause();
            }
            return out != null ? out.toByteArray() : bytes(result);
        }

        private static Object fitting(Object value, Class<?> type) {
            if (type == Object.class || value == null && !type.isPrimitive() || type.isInstance(value)) return value;
            if (value instanceof Number) {
                Number number = (Number) value;
                if (type == int.class || type == Integer.class) return number.intValue();
                if (type == long.class || type == Long.class) return number.longValue();
                if (type == double.class || type == Double.class) return number.doubleValue();
                if (type == float.class || type == Float.class) return number.floatValue();
            }
            if (type == boolean.class && value instanceof Boolean) return value;
            throw new Fault("Runtime.UnmarshalError", "cumulet's Java client cannot make a " + type.getName() + " of the event. Take a Map,"
                + " a List, a String, a number, a boolean, an Object or streams.");
        }

        private static Object context(Class<?> type, Map<String, String> headers) {
            long deadline = Long.parseLong(headers.getOrDefault("lambda-runtime-deadline-ms", "0"));
            InvocationHandler told = (proxy, method, arguments) -> {
                switch (method.getName()) {
                    case "getAwsRequestId": return headers.get("lambda-runtime-aws-request-id");
                    case "getInvokedFunctionArn": return headers.get("lambda-runtime-invoked-function-arn");
                    case "getLogGroupName": return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
                    case "getLogStreamName": return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
                    case "getFunctionName": return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
                    case "getFunctionVersion": return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
                    case "getMemoryLimitInMB": return Integer.parseInt(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
                    case "getRemainingTimeInMillis": return (int) Math.max(0, deadline - System.currentTimeMillis());
                    case "getLogger": return logger(method.getReturnType());
                    case "toString": return "Context";
                    default: return null;                    // the caller's identity and context: nobody gave any
                }
            };
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, told);
        }

        private static Object logger(Class<?> type) {
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                if (method.getName().equals("log")) {
                    Object said = arguments[0];
                    String text = said instanceof byte[] ? new String((byte[]) said, StandardCharsets.UTF_8) : String.valueOf(said);
                    System.out.print(text.endsWith("\n") ? text : text + "\n");
                }
                return null;
            });
        }
    }

    /** JSON to maps, lists, texts, numbers and booleans, and back. */
    private static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Object value(String text) {
            Json json = new Json(text);
            Object value = json.read();
            json.space();
            if (json.at < text.length()) throw json.wrong();
            return value;
        }

        private Object read() {
            space();
            char c = peek();
            if (c == '{') return object();
            if (c == '[') return array();
            if (c == '"') return string();
            int from = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
            String word = text.substring(from, at);
            switch (word) {
                case "true": return true;
                case "false": return false;
                case "null": return null;
                default: return number(word);
            }
        }

        private Object number(String word) {
            try {
                if (word.matches("-?\\d{1,9}")) return Integer.valueOf(word);
                if (word.matches("-?\\d{1,18}")) return Long.valueOf(word);
                return Double.valueOf(word);
            } catch (NumberFormatException problem) {
                throw wrong();
            }
        }

        private Map<String, Object> object() {
            Map<String, Object> found = new LinkedHashMap<>();
            at++;
            space();
            while (peek() != '}') {
                space();
                String name = string();
                space();
                expect(':');
                found.put(name, read());
                space();
                if (peek() != '}') expect(',');
            }
            at++;
            return found;
        }

        private List<Object> array() {
            List<Object> found = new ArrayList<>();
            at++;
            space();
            while (peek() != ']') {
                found.add(read());
                space();
                if (peek() != ']') expect(',');
            }
            at++;
            return found;
        }

        private String string() {
            expect('"');
            StringBuilder found = new StringBuilder();
            for (char c = peek(); c != '"'; c = peek()) {
                at++;
                if (c != '\\') {
                    found.append(c);
                    continue;
                }
                char escaped = peek();
                at++;
                int known = "bfnrt".indexOf(escaped);
                if (known >= 0) found.append("\b\f\n\r\t".charAt(known));
                else if (escaped == 'u') {
                    found.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                } else found.append(escaped);
            }
            at++;
            return found.toString();
        }

        private void space() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
        }

        private char peek() {
            if (at >= text.length()) throw wrong();
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) throw wrong();
            at++;
        }

        private Fault wrong() {
            return new Fault("Runtime.UnmarshalError", "Unable to unmarshal input at " + at);
        }

        static String text(Object value) {
            StringBuilder out = new StringBuilder();
            write(value, out);
            return out.toString();
        }

        private static void write(Object value, StringBuilder out) {
            if (value == null || value instanceof Number || value instanceof Boolean) out.append(value);
            else if (value instanceof Map) {
                char before = '{';
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    out.append(before);
                    quote(String.valueOf(entry.getKey()), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    before = ',';
                }
                out.append(before == '{' ? "{}" : "}");
            } else if (value instanceof Collection) {
                char before = '[';
                for (Object item : (Collection<?>) value) {
                    out.append(before);
                    write(item, out);
                    before = ',';
                }
                out.append(before == '[' ? "[]" : "]");
            } else if (value instanceof Object[]) write(Arrays.asList((Object[]) value), out);
            else if (value instanceof CharSequence || value instanceof Enum || value instanceof Character) quote(value.toString(), out);
            else throw new Fault("Runtime.MarshalError", "cumulet's Java client cannot make JSON of a " + value.getClass().getName()
                + ". Give a Map, a List, a String, a number or a boolean, or write to a stream.");
        }

        private static void quote(String text, StringBuilder out) {
            out.append('"');
            for (char c : text.toCharArray()) {
                if (c == '"' || c == '\\') out.append('\\').append(c);
                else if (c < ' ') out.append(String.format("\\u%04x", (int) c));
                else out.append(c);
            }
            out.append('"');
        }
    }
}
