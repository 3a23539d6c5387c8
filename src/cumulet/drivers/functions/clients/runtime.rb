# Runs a Ruby function: asks the Runtime API for events over one socket, calls the handler, answers.
#
# The answer to one event and the question for the next go out together.

require "json"
require "socket"

# The one connection to the Runtime API.
class Connection
  API = "/2018-06-01/runtime/"
  NEXT = "GET #{API}invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"

  def initialize(address)
    host, port = address.split(":")
    @socket = TCPSocket.new(host, port.to_i)
    @socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
  end

  def ask(text)
    @socket.write(text)
  end

  # The next answer: its headers (names in lower case) and its body.
  def answer
    headers = {}
    exit(0) if @socket.gets.nil?
    while (line = @socket.gets.chomp) != ""
      name, value = line.split(":", 2)
      headers[name.downcase] = value.strip
    end
    [headers, @socket.read(headers.fetch("content-length", 0).to_i)]
  end

  def self.post(path, body, kind = nil)
    more = kind ? "Lambda-Runtime-Function-Error-Type: #{kind}\r\n" : ""
    "POST #{API}#{path} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n#{more}" \
      "Content-Length: #{body.bytesize}\r\n\r\n#{body}"
  end
end

# What a handler is told of its event and function.
class LambdaContext
  attr_reader :aws_request_id, :invoked_function_arn, :deadline_ms, :client_context, :identity, :log_group_name,
              :log_stream_name, :function_name, :function_version, :memory_limit_in_mb

  def initialize(headers)
    @aws_request_id = headers["lambda-runtime-aws-request-id"]
    @invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
    @deadline_ms = headers["lambda-runtime-deadline-ms"].to_i
    @client_context = JSON.parse(headers["lambda-runtime-client-context"] || "null")
    @identity = JSON.parse(headers["lambda-runtime-cognito-identity"] || "null")
    @log_group_name, @log_stream_name, @function_name, @function_version, @memory_limit_in_mb =
      %w[LOG_GROUP_NAME LOG_STREAM_NAME FUNCTION_NAME FUNCTION_VERSION FUNCTION_MEMORY_SIZE].map { |name| ENV["AWS_LAMBDA_#{name}"] }
  end

  def get_remaining_time_in_millis
    [@deadline_ms - (Time.now.to_f * 1000).to_i, 0].max
  end
end

# The method that "file.method" or "file.Module::Class.method" means, as something to call.
def load_handler(name)
  file, *owner, method = name.split(".")
  raise ArgumentError, "Invalid handler #{name}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD" if method.nil? || owner.size > 1

  require File.join(ENV.fetch("LAMBDA_TASK_ROOT"), file)
  (owner.empty? ? self : Object.const_get(owner[0])).method(method)
end

# An error as Lambda tells it, and in the log. phase: "Init" or "Function".
def explained(problem, phase)
  said = { errorMessage: problem.message, errorType: "#{phase}<#{problem.class}>", stackTrace: problem.backtrace || [] }
  if ENV["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    $stdout.puts JSON.generate({ timestamp: Time.now.utc.strftime("%Y-%m-%dT%H:%M:%S.%LZ"), level: "ERROR", **said })
  else
    $stdout.puts "Error raised from handler method\r#{JSON.pretty_generate(said).tr("\n", "\r")}"
  end
  said
end

def respond(handler, headers, body)
  id = headers["lambda-runtime-aws-request-id"]
  ENV["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
  said = JSON.generate(handler.call(event: JSON.parse(body), context: LambdaContext.new(headers)))
  Connection.post("invocation/#{id}/response", said)
rescue SystemExit
  raise
rescue Exception => e # an event's error, of whatever kind, is the event's answer
  said = explained(e, "Function")
  Connection.post("invocation/#{id}/error", JSON.generate(said), said[:errorType])
end

$stdout.sync = $stderr.sync = true
opt = ENV.delete("CUMULET_OPT") || "/opt"
series = RbConfig::CONFIG["ruby_version"]
$LOAD_PATH.unshift(ENV.fetch("LAMBDA_TASK_ROOT"), "#{opt}/ruby/lib")
ENV["GEM_PATH"] = ["#{ENV["LAMBDA_TASK_ROOT"]}/vendor/bundle/ruby/#{series}", "#{opt}/ruby/gems/#{series}", *Gem.path].join(":")
Gem.clear_paths
connection = Connection.new(ENV.fetch("AWS_LAMBDA_RUNTIME_API"))
begin
  handler = load_handler(ENV.fetch("_HANDLER"))
rescue SystemExit
  raise
rescue Exception => e # whatever the function's files raise
  said = explained(e, "Init")
  connection.ask(Connection.post("init/error", JSON.generate(said), said[:errorType]))
  connection.answer
  exit(1)
end
text = ""
loop do
  connection.ask(text + Connection::NEXT)
  connection.answer unless text.empty?
  text = respond(handler, *connection.answer)
end
