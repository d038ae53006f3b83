// A PJRT plugin whose clients span several processes, for machines without GPUs. It stands on a real CPU plugin
// (SPANNING_INNER), from which it makes a client with the devices of all processes: each process computes every partition of
// a program, and what it does not have, the parts that the others uploaded, comes over the key-value callbacks. To its
// caller it is what XLA's GPU client is: devices of all processes, of which SPANNING_DEVICES are addressable; topologies
// exchanged while the client is made, by several threads; programs that run on all devices or on one.
//
// SPANNING_DIES=n      the process of that rank kills itself while its client is made
// SPANNING_LOST_AT=n   from the n-th run of a program on, it fails as on a GPU that fell off its bus
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void *(*function)(void *args);
typedef void (*deleter)(char *value);
#define AT(type, args, offset) (*(type *)((char *)(args) + (offset)))
#define MOST 64

// Where `PJRT_Api` has its functions.
enum {
  ERROR_DESTROY = 40, ERROR_MESSAGE = 48, ERROR_CODE = 56, ON_READY = 112, CLIENT_CREATE = 120, PLATFORM_NAME = 136, PROCESS_INDEX = 144,
  CLIENT_DEVICES = 160, ADDRESSABLE_DEVICES = 168, FROM_HOST = 216, DESCRIPTION_PROCESS = 232, GET_DESCRIPTION = 272,
  NUM_OUTPUTS = 392, EXECUTABLE_DESTROY = 360, GET_EXECUTABLE = 448, LOADED_DEVICES = 456, EXECUTE = 480,
  BUFFER_DESTROY = 504, ELEMENT_TYPE = 512, DIMENSIONS = 520, TO_HOST = 600
};

static char *inner, *outer;
static void *call(int slot, void *args) { return AT(function, inner, slot)(args); }
static void *new_args(char *block) { memset(block, 0, 512); AT(size_t, block, 0) = 512; return block; }

static int processes = 1, process = 0, own_count = 2, total = 2;
static void *client, *devices[MOST], *descriptions[MOST];
static int first(void) { return process * own_count; }

// --- errors: ours beside the inner plugin's

static const uint64_t mark = 0x5350414e4e494e47;
typedef struct { uint64_t mark; int code; char text[1000]; } own_error;
static void *make_error(int code, const char *text, size_t size) {
  own_error *error = calloc(1, sizeof *error);
  error->mark = mark;
  error->code = code;
  memcpy(error->text, text, size < 999 ? size : 999);
  return error;
}
static void *fail(int code, const char *text) { return make_error(code, text, strlen(text)); }
static own_error *ours(void *args) {
  own_error *error = AT(own_error *, args, 16);
  return error && error->mark == mark ? error : NULL;
}
static void *error_destroy(void *args) {
  if (!ours(args)) return call(ERROR_DESTROY, args);
  free(ours(args));
  return NULL;
}
static void *error_message(void *args) {
  own_error *error = ours(args);
  if (!error) return call(ERROR_MESSAGE, args);
  AT(const char *, args, 24) = error->text;
  AT(size_t, args, 32) = strlen(error->text);
  return NULL;
}
static void *error_code(void *args) {
  if (!ours(args)) return call(ERROR_CODE, args);
  AT(int, args, 24) = ours(args)->code;
  return NULL;
}

// --- keys and values

static function kv_get, kv_put, kv_try_get;
static void *(*maker)(int, const char *, size_t) = make_error;

static void *put(const char *key, const void *value, size_t size) {
  char args[512];
  new_args(args);
  AT(size_t, args, 0) = 64;
  AT(const char *, args, 16) = key;
  AT(size_t, args, 24) = strlen(key);
  AT(const void *, args, 32) = value;
  AT(size_t, args, 40) = size;
  AT(void *, args, 48) = &maker;
  return kv_put(args);
}
// The value is a copy of the caller's, whose memory goes back by its deleter.
static void *get(const char *key, int timeout, char **value, size_t *size) {
  char args[512];
  new_args(args);
  AT(size_t, args, 0) = 80;
  AT(const char *, args, 16) = key;
  AT(size_t, args, 24) = strlen(key);
  AT(int, args, 32) = timeout;
  AT(void *, args, 40) = &maker;
  void *error = kv_get(args);
  if (error) return error;
  *size = AT(size_t, args, 64);
  *value = malloc(*size + 1);
  memcpy(*value, AT(char *, args, 56), *size);
  (*value)[*size] = 0;
  AT(deleter, args, 72)(AT(char *, args, 56));
  return NULL;
}
static void *try_get(const char *key) {
  char args[512];
  new_args(args);
  AT(size_t, args, 0) = 72;
  AT(const char *, args, 16) = key;
  AT(size_t, args, 24) = strlen(key);
  AT(void *, args, 32) = &maker;
  void *error = kv_try_get(args);
  if (!error) AT(deleter, args, 64)(AT(char *, args, 48));
  return error;
}

// --- the client

typedef struct { int of; void *error; int count; pthread_t thread; } topology;
static void *fetch_topology(void *argument) {
  topology *wanted = argument;
  char key[64], *value;
  size_t size;
  snprintf(key, sizeof key, "local_topology/spanning/%d", wanted->of);
  wanted->error = get(key, 120000, &value, &size);
  if (wanted->error) return NULL;
  wanted->count = atoi(value);
  free(value);
  return NULL;
}
static void *exchange_topologies(void) {
  char key[64], text[64], *value;
  size_t size;
  void *error;
  const char *dies = getenv("SPANNING_DIES");
  if (dies && atoi(dies) == process) kill(getpid(), SIGKILL);
  error = try_get("global_topology/nobody");
  if (!error) return fail(13, "a key that nobody wrote was found");
  if (((own_error *)error)->code != 5) return error;
  free(error);
  snprintf(key, sizeof key, "local_topology/spanning/%d", process);
  snprintf(text, sizeof text, "%d devices", own_count);
  if ((error = put(key, text, strlen(text)))) return error;
  if (process == 0) {
    topology all[MOST];
    int sum = 0;
    for (int i = 0; i < processes; i++) {
      all[i] = (topology){.of = i};
      pthread_create(&all[i].thread, NULL, fetch_topology, &all[i]);
    }
    for (int i = 0; i < processes; i++) pthread_join(all[i].thread, NULL);
    for (int i = 0; i < processes; i++) {
      if (all[i].error) {
        char words[1000];
        snprintf(words, sizeof words, "Getting local topologies failed: %s", ((own_error *)all[i].error)->text);
        return fail(13, words);
      }
      sum += all[i].count;
    }
    snprintf(text, sizeof text, "%d", sum);
    if ((error = put("global_topology/spanning", text, strlen(text)))) return error;
  }
  if ((error = get("global_topology/spanning", 300000, &value, &size))) return error;
  total = atoi(value);
  free(value);
  return total == own_count * processes ? NULL : fail(13, "processes with different numbers of devices");
}
static int64_t option(void *args, const char *name, int64_t otherwise) {
  char *values = AT(char *, args, 16);
  for (size_t i = 0; i < AT(size_t, args, 24); i++, values += 56)
    if (AT(size_t, values, 24) == strlen(name) && !memcmp(AT(char *, values, 16), name, strlen(name)))
      return AT(int64_t, values, 40);
  return otherwise;
}
static void *client_create(void *args) {
  process = option(args, "node_id", 0);
  processes = option(args, "num_nodes", 1);
  const char *count = getenv("SPANNING_DEVICES");
  if (count) own_count = atoi(count);
  total = own_count;
  kv_get = AT(function, args, 32);
  kv_put = AT(function, args, 48);
  kv_try_get = AT(function, args, 72);
  if (processes > 1 && !kv_get) return fail(3, "several nodes, and no key-value callbacks");
  void *error = processes > 1 ? exchange_topologies() : NULL;
  if (error) return error;
  char value[56] = {0}, block[512];
  AT(size_t, value, 0) = 56;
  AT(const char *, value, 16) = "cpu_device_count";
  AT(size_t, value, 24) = strlen("cpu_device_count");
  AT(int, value, 32) = 1;
  AT(int64_t, value, 40) = total;
  AT(size_t, value, 48) = 1;
  new_args(block);
  AT(void *, block, 16) = value;
  AT(size_t, block, 24) = 1;
  if ((error = call(CLIENT_CREATE, block))) return error;
  client = AT(void *, args, 64) = AT(void *, block, 64);
  new_args(block);
  AT(void *, block, 16) = client;
  if ((error = call(CLIENT_DEVICES, block))) return error;
  for (int i = 0; i < total; i++) {
    devices[i] = AT(void **, block, 24)[i];
    char of[512];
    new_args(of);
    AT(void *, of, 16) = devices[i];
    if ((error = call(GET_DESCRIPTION, of))) return error;
    descriptions[i] = AT(void *, of, 24);
  }
  return NULL;
}
static void *platform_name(void *args) {
  AT(const char *, args, 24) = "spanning";
  AT(size_t, args, 32) = strlen("spanning");
  return NULL;
}
static void *process_index(void *args) {
  AT(int, args, 24) = process;
  return NULL;
}
static void *description_process(void *args) {
  int i = 0;
  while (i < total && descriptions[i] != AT(void *, args, 16)) i++;
  AT(int, args, 24) = i / own_count;
  return NULL;
}
static void *addressable_devices(void *args) {
  AT(void **, args, 24) = devices + first();
  AT(size_t, args, 32) = own_count;
  return NULL;
}

// --- buffers: the inner ones on all devices, or one that the others do not have yet

typedef struct { int references; void *buffers[MOST]; } group;
typedef struct {
  void *buffer;
  group *all;
  void *data;
  size_t bytes;
  int type;
  size_t rank;
  int64_t dims[16];
} outer_buffer;

static size_t element_size(int type) {
  switch (type) {
    case 3: case 7: case 10: case 13: return 2;
    case 4: case 8: case 11: return 4;
    case 5: case 9: case 12: return 8;
    default: return 1;
  }
}
static void *from_host(void *args) {
  void *error = call(FROM_HOST, args);
  if (error) return error;
  outer_buffer *made = calloc(1, sizeof *made);
  made->buffer = AT(void *, args, 112);
  made->type = AT(int, args, 32);
  made->rank = AT(size_t, args, 48);
  made->bytes = element_size(made->type);
  for (size_t i = 0; i < made->rank; i++) made->bytes *= made->dims[i] = AT(int64_t *, args, 40)[i];
  made->data = malloc(made->bytes + 1);
  memcpy(made->data, AT(void *, args, 24), made->bytes);
  AT(void *, args, 112) = made;
  return NULL;
}
static void destroy_inner(void *buffer) {
  char block[512];
  new_args(block);
  AT(void *, block, 16) = buffer;
  call(BUFFER_DESTROY, block);
}
static void *buffer_destroy(void *args) {
  outer_buffer *buffer = AT(outer_buffer *, args, 16);
  if (!buffer->all) destroy_inner(buffer->buffer);
  else if (--buffer->all->references == 0) {
    for (int i = 0; i < total; i++) destroy_inner(buffer->all->buffers[i]);
    free(buffer->all);
  }
  free(buffer->data);
  free(buffer);
  return NULL;
}
static void *with_inner(int slot, void *args) {
  outer_buffer *buffer = AT(outer_buffer *, args, 16);
  AT(void *, args, 16) = buffer->buffer;
  void *error = call(slot, args);
  AT(void *, args, 16) = buffer;
  return error;
}
static void *element_type(void *args) { return with_inner(ELEMENT_TYPE, args); }
static void *dimensions(void *args) { return with_inner(DIMENSIONS, args); }
static int lost = 0;
static void *loss(void) {
  return fail(13, "Failed to complete all kernels launched on stream: CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure");
}
static void *to_host(void *args) { return lost ? loss() : with_inner(TO_HOST, args); }

// The parts of an upload that the other processes have: all make the same uploads in the same order.
static void *exchange(outer_buffer **parts) {
  static int count = 0;
  char key[64];
  void *error;
  group *all = calloc(1, sizeof *all);
  int number = count++;
  for (int i = 0; i < own_count; i++) {
    snprintf(key, sizeof key, "part/%d/%d", number, first() + i);
    if ((error = put(key, parts[i]->data, parts[i]->bytes))) return error;
    all->buffers[first() + i] = parts[i]->buffer;
  }
  for (int i = 0; i < total; i++) {
    if (i / own_count == process) continue;
    char block[512], *value;
    size_t size;
    snprintf(key, sizeof key, "part/%d/%d", number, i);
    if ((error = get(key, 60000, &value, &size))) return error;
    if (size != parts[0]->bytes) return fail(13, "the processes have uploaded parts of different sizes");
    new_args(block);
    AT(void *, block, 16) = client;
    AT(void *, block, 24) = value;
    AT(int, block, 32) = parts[0]->type;
    AT(int64_t *, block, 40) = parts[0]->dims;
    AT(size_t, block, 48) = parts[0]->rank;
    AT(void *, block, 80) = devices[i];
    if ((error = call(FROM_HOST, block))) return error;
    all->buffers[i] = AT(void *, block, 112);
    free(value);
  }
  all->references = own_count;
  for (int i = 0; i < own_count; i++) {
    parts[i]->all = all;
    free(parts[i]->data);
    parts[i]->data = NULL;
  }
  return NULL;
}

// --- events: told by a thread of their own, as a GPU's client does. The CPU's tells them on a thread that its partitions run on.

typedef void (*listener)(void *error, void *context);
typedef struct { listener tell; void *error, *context; } event;
static void *tell(void *argument) {
  event *told = argument;
  told->tell(told->error, told->context);
  free(told);
  return NULL;
}
static void happened(void *error, void *context) {
  pthread_t thread;
  ((event *)context)->error = error;
  pthread_create(&thread, NULL, tell, context);
  pthread_detach(thread);
}
static void *on_ready(void *args) {
  event *awaited = calloc(1, sizeof *awaited);
  awaited->tell = AT(listener, args, 24);
  awaited->context = AT(void *, args, 32);
  AT(listener, args, 24) = happened;
  AT(void *, args, 32) = awaited;
  return call(ON_READY, args);
}

// --- programs

static size_t output_count(void *loaded) {
  char block[512], of[512];
  new_args(block);
  AT(void *, block, 16) = loaded;
  call(GET_EXECUTABLE, block);
  new_args(of);
  AT(void *, of, 16) = AT(void *, block, 24);
  call(NUM_OUTPUTS, of);
  size_t count = AT(size_t, of, 24);
  new_args(of);
  AT(void *, of, 16) = AT(void *, block, 24);
  call(EXECUTABLE_DESTROY, of);
  return count;
}
static int spans(void *loaded) {
  char block[512];
  new_args(block);
  AT(void *, block, 16) = loaded;
  call(LOADED_DEVICES, block);
  return AT(size_t, block, 32) > 1;
}
static void *execute(void *args) {
  static int runs = 0;
  const char *lost_at = getenv("SPANNING_LOST_AT");
  lost = ++runs && lost_at && runs >= atoi(lost_at);
  if (lost) return loss();
  int all = spans(AT(void *, args, 16)), wide = all ? total : 1, narrow = all ? own_count : 1;
  size_t inputs = AT(size_t, args, 48), outputs = output_count(AT(void *, args, 16));
  outer_buffer ***given = AT(outer_buffer ***, args, 32), ***taken = AT(outer_buffer ***, args, 56);
  if ((int)AT(size_t, args, 40) != narrow) return fail(3, "arguments for another number of devices than this process has");
  void **in[MOST], **out[MOST];
  for (int i = 0; i < wide; i++) {
    in[i] = calloc(inputs + 1, sizeof(void *));
    out[i] = calloc(outputs + 1, sizeof(void *));
  }
  for (size_t k = 0; k < inputs; k++) {
    outer_buffer *parts[MOST];
    for (int i = 0; i < narrow; i++) parts[i] = given[i][k];
    void *error = all && !parts[0]->all ? exchange(parts) : NULL;
    if (error) return error;
    for (int i = 0; i < wide; i++) in[i][k] = all ? parts[0]->all->buffers[i] : parts[0]->buffer;
  }
  AT(void *, args, 32) = in;
  AT(void *, args, 56) = out;
  AT(size_t, args, 40) = wide;
  void *error = call(EXECUTE, args);
  AT(void *, args, 32) = given;
  AT(void *, args, 56) = taken;
  AT(size_t, args, 40) = narrow;
  for (size_t k = 0; k < outputs && !error; k++) {
    group *made = all ? calloc(1, sizeof *made) : NULL;
    if (made) {
      made->references = own_count;
      for (int i = 0; i < total; i++) made->buffers[i] = out[i][k];
    }
    for (int i = 0; i < narrow; i++) {
      taken[i][k] = calloc(1, sizeof(outer_buffer));
      taken[i][k]->all = made;
      taken[i][k]->buffer = out[all ? first() + i : 0][k];
    }
  }
  for (int i = 0; i < wide; i++) {
    free(in[i]);
    free(out[i]);
  }
  return error;
}

const void *GetPjrtApi(void) {
  if (outer) return outer;
  void *library = dlopen(getenv("SPANNING_INNER"), RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
  inner = ((char *(*)(void))dlsym(library, "GetPjrtApi"))();
  size_t size = AT(size_t, inner, 0);
  outer = calloc(1, size);
  memcpy(outer, inner, size);
  AT(function, outer, ERROR_DESTROY) = error_destroy;
  AT(function, outer, ERROR_MESSAGE) = error_message;
  AT(function, outer, ERROR_CODE) = error_code;
  AT(function, outer, ON_READY) = on_ready;
  AT(function, outer, CLIENT_CREATE) = client_create;
  AT(function, outer, PLATFORM_NAME) = platform_name;
  AT(function, outer, PROCESS_INDEX) = process_index;
  AT(function, outer, ADDRESSABLE_DEVICES) = addressable_devices;
  AT(function, outer, FROM_HOST) = from_host;
  AT(function, outer, DESCRIPTION_PROCESS) = description_process;
  AT(function, outer, EXECUTE) = execute;
  AT(function, outer, BUFFER_DESTROY) = buffer_destroy;
  AT(function, outer, ELEMENT_TYPE) = element_type;
  AT(function, outer, DIMENSIONS) = dimensions;
  AT(function, outer, TO_HOST) = to_host;
  return outer;
}
